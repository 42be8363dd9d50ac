// The data dictionary: search the relations, read one, walk its lineage to both sides.

import { byId, element } from "../elements.js";
import { connectNavigation } from "../navigation.js";
import { counted, hasText, number, onLanguage, startTexts, text } from "../texts.js";
import { fetchJson } from "./server.js";

const EXPOSURE = "exposure:";
const ORDER = ["core", "analytics", "ml", "intermediate", "staging", "raw"];
const rank = (layer) => (ORDER.includes(layer) ? ORDER.indexOf(layer) : ORDER.length);
const byLayer = ([one], [other]) => rank(one) - rank(other);
const layerName = (layer) => (hasText(`layer.${layer}`) ? text(`layer.${layer}`) : layer);

await startTexts();
connectNavigation();
let told = null;
try {
  told = await fetchJson("/dictionary/entries");
} catch (error) {
  byId("entry").textContent = text("analytics.failed", { why: error.message });
}
if (told) {
  byId("search").addEventListener("input", showList);
  addEventListener("hashchange", showPlace);
  onLanguage(showPlace);
}
document.documentElement.dataset.ready = ""; // whoever drives the page from outside may begin

function showPlace() {
  showList();
  const name = decodeURIComponent(location.hash.slice(1));
  const relation = told.relations.find((each) => each.name === name)
    ?? told.relations.find((each) => each.name === "fct_predictions") ?? told.relations[0];
  byId("entry").replaceChildren(...makeEntry(relation));
  if (location.hash) byId("entry").focus({ preventScroll: false });
}

/** Show the relations whose name, columns or description have what is searched for, by layer. */
function showList() {
  const wanted = byId("search").value.trim().toLowerCase();
  const found = told.relations.filter((relation) => isWanted(relation, wanted));
  byId("found").textContent = counted("dictionary.found", found.length);
  const layers = Map.groupBy(found, (relation) => relation.layer);
  byId("entries").replaceChildren(...[...layers].sort(byLayer).map(([layer, relations]) =>
    element("details", { open: Boolean(wanted) || !["raw", "staging"].includes(layer) },
      element("summary", {}, `${layerName(layer)} (${number(relations.length)})`),
      element("ul", {}, relations.map((relation) => element("li", {}, makeLink(relation.name)))))));
}

function isWanted(relation, wanted) {
  const columns = told.columns.filter((column) => column.relation === relation.name);
  const words = [relation.name, relation.description, ...columns.map((column) => column.name)];
  return words.join(" ").toLowerCase().includes(wanted);
}

function makeLink(name) {
  const isHere = decodeURIComponent(location.hash.slice(1)) === name;
  return element("a", { href: `#${encodeURIComponent(name)}`, ...(isHere ? { "aria-current": "true" } : {}) }, name);
}

function makeEntry(relation) {
  const of = (list) => list.filter((each) => each.relation === relation.name);
  const rows = relation.row_count === null ? null : counted("dictionary.rows", relation.row_count);
  return [
    element("h2", {}, relation.name),
    element("p", { class: "facts" }, [`${relation.schema_name}.${relation.name}`, relation.materialized, rows]
      .filter(Boolean).map((words) => element("span", { class: "tag plain" }, words))),
    element("p", {}, relation.description),
    element("h3", {}, text("dictionary.lineage")),
    makeLineage(relation.name),
    element("h3", {}, text("dictionary.columns")),
    makeSheet(["dictionary.column", "dictionary.type", "dictionary.description"],
      of(told.columns).map((column) => [column.name, element("code", {}, column.type), column.description])),
    element("h3", {}, text("dictionary.tests")),
    makeSheet(["dictionary.test", "dictionary.kind", "dictionary.about"],
      of(told.tests).map((test) => [test.name, test.kind, test.about ?? ""])),
  ];
}

function makeLineage(name) {
  const before = told.lineage.filter((edge) => edge.downstream === name).map((edge) => edge.upstream);
  const after = told.lineage.filter((edge) => edge.upstream === name).map((edge) => edge.downstream);
  const list = (names, label, none) => element("ul", { "aria-label": text(label) },
    names.length ? names.map((each) => element("li", {}, makeEnd(each))) : element("li", { class: "quiet-text" }, text(none)));
  return element("div", { class: "lineage" },
    list(before, "dictionary.upstream", "dictionary.from_store"),
    element("p", { class: "self" }, name),
    list(after, "dictionary.downstream", "dictionary.for_people"));
}

function makeEnd(name) {
  if (!name.startsWith(EXPOSURE)) return makeLink(name);
  const exposure = told.exposures.find((each) => EXPOSURE + each.name === name);
  return element("span", { class: "reader", title: exposure.description }, exposure.label);
}

function makeSheet(heads, rows) {
  const cells = ([first, ...others]) => [element("th", { scope: "row" }, first), ...others.map((other) => element("td", {}, other))];
  return element("div", { class: "sheet", tabIndex: 0, role: "region", "aria-label": text(heads[0]) },
    element("table", {},
      element("thead", {}, element("tr", {}, heads.map((key) => element("th", { scope: "col" }, text(key))))),
      element("tbody", {}, rows.map((row) => element("tr", {}, cells(row))))));
}
