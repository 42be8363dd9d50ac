// Draws Vega-Lite in the page's own policy: expressions are interpreted and never evaluated as
// code, and no style is written into the page but through its sheets.

const ERRORS = 1; // a warning about a chart's height helps nobody who looks at it
let loading = null;

/** Load the script that draws, once. */
export function loadVega(address) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.type = "module";
    script.src = address;
    script.addEventListener("load", () => resolve(globalThis.vegaEmbed));
    script.addEventListener("error", () => reject(new Error(address)));
    document.head.append(script);
  });
  return loading;
}

/** Draw into an element; `onPick` hears the row that is clicked. Returns how to take it away. */
export async function draw(vegaEmbed, target, { vega_lite: specification, locale }, onPick) {
  const result = await vegaEmbed(target, specification, {
    ast: true,
    actions: false,
    defaultStyle: false,
    logLevel: ERRORS,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
    ...locale,
  });
  if (onPick) {
    result.view.addEventListener("click", (_event, item) => item?.datum && onPick(item.datum));
  }
  return () => result.finalize();
}
