// The header that every page shares: links to the pages that this server has, and the languages.
//
// A page writes <nav id="navigation" class="pages" data-label="navigation.label"></nav> into its
// header, with the language's <select id="language">, and calls connectNavigation() after
// startTexts().

import { byId, element } from "./elements.js";
import { onLanguage, switchLanguage, text } from "./texts.js";

export async function connectNavigation() {
  const select = byId("language");
  select?.addEventListener("change", (event) => switchLanguage(event.target.value));
  onLanguage((language) => select && (select.value = language));
  const pages = await fetchPages();
  onLanguage(() => byId("navigation")?.replaceChildren(...pages.map(makeLink)));
}

/** A page that cannot learn of the others goes on alone: its own faults are told elsewhere. */
async function fetchPages() {
  try {
    const answer = await fetch("/app/pages");
    return answer.ok ? await answer.json() : [];
  } catch {
    return [];
  }
}

function makeLink({ name, path }) {
  const isHere = path === "/" ? location.pathname === "/" : location.pathname.startsWith(path);
  const here = isHere ? { "aria-current": "page" } : {};
  return element("a", { href: path, ...here }, text(`navigation.${name}`));
}
