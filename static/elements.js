// Elements without a framework: make them, and put an icon or a list of options in them.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** Make an element; `on…` names listen, `class` and names with a dash are attributes. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class" || name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `/static/icons/sprite.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Return a small label: an icon and a word, so that its colour is never alone. */
export function tag(kind, iconName, words) {
  return element("span", { class: `tag ${kind}` }, icon(iconName), words);
}

/** Put words into an element; the same words again cost nothing. */
export function say(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

export function button(kind, iconName, words, onclick) {
  return element("button", { class: kind, type: "button", onclick }, icon(iconName), words);
}

/** Fill a select with [value, words] pairs; what was chosen stays chosen. */
export function fillOptions(select, pairs) {
  const chosen = select.value;
  select.replaceChildren(...pairs.map(([value, words]) => new Option(words, value)));
  if (pairs.some(([value]) => value === chosen)) select.value = chosen;
}

/** Make an id that is never used twice; `crypto.randomUUID` is missing on insecure origins. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
