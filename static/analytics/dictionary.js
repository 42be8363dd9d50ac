// The data dictionary: search the relations, read one, walk its lineage to both sides.

import { byId, element } from "../elements.js";
import { connectNavigation } from "../navigation.js";
import { counted, hasText, number, onLanguage, startTexts, text } from "../texts.js";
import { EXPOSURE, makeExposure, makeLineage, makeLink, makeSheet, SECTIONS } from "./dictionary_parts.js";
import { fetchJson } from "./server.js";

const ORDER = ["core", "analytics", "ml", "intermediate", "staging", "raw"];
const rank = (layer) => (ORDER.includes(layer) ? ORDER.indexOf(layer) : ORDER.length);
const byLayer = ([one], [other]) => rank(one) - rank(other);
const layerName = (layer) => (hasText(`layer.${layer}`) ? text(`layer.${layer}`) : layer);
const here = () => decodeURIComponent(location.hash.slice(1));
const wanted = () => byId("search").value.trim().toLowerCase();

await startTexts();
connectNavigation();
let told = null;
try {
  told = await fetchJson("/dictionary/entries");
} catch (error) {
  byId("entry").textContent = text("analytics.failed", { why: error.message });
}
if (told) {
  byId("search").addEventListener("input", search);
  addEventListener("hashchange", showPlace);
  onLanguage(showPlace);
}
document.documentElement.dataset.ready = ""; // whoever drives the page from outside may begin

function showPlace() {
  showList();
  showEntry();
  if (location.hash) byId("entry").focus({ preventScroll: false });
}

/** A section shows only what is searched for; a relation that is being read stays. */
function search() {
  showList();
  if (here() in SECTIONS) showEntry();
}

function showEntry() {
  const name = here();
  const exposure = told.exposures.find((each) => EXPOSURE + each.name === name);
  const relation = told.relations.find((each) => each.name === name)
    ?? told.relations.find((each) => each.name === "fct_predictions") ?? told.relations[0];
  byId("entry").replaceChildren(...(name in SECTIONS ? SECTIONS[name].make(told, sought(name))
    : exposure ? makeExposure(told, exposure) : makeEntry(relation)));
}

/** Return the rows of a section that have what is searched for in any of their words. */
function sought(section) {
  const said = (row) => [...Object.values(row), ...SECTIONS[section].words(row)].join(" ").toLowerCase();
  return told[section].filter((row) => said(row).includes(wanted()));
}

/** Show what has what is searched for: the sections, then relations by layer. */
function showList() {
  const found = told.relations.filter(isWanted);
  const sections = Object.keys(SECTIONS).map((name) => [name, sought(name).length]).filter(([, count]) => count);
  const layers = Map.groupBy(found, (relation) => relation.layer);
  byId("found").textContent = counted("dictionary.found", found.length);
  byId("entries").replaceChildren(
    element("ul", {}, sections.map(([name, count]) => element("li", {},
      makeLink(name, `${text(`dictionary.${name}`)} (${number(count)})`)))),
    ...[...layers].sort(byLayer).map(([layer, relations]) =>
      element("details", { open: Boolean(wanted()) || !["raw", "staging"].includes(layer) },
        element("summary", {}, `${layerName(layer)} (${number(relations.length)})`),
        element("ul", {}, relations.map((relation) => element("li", {}, makeLink(relation.name)))))));
}

function isWanted(relation) {
  const columns = told.columns.filter((column) => column.relation === relation.name);
  const words = [relation.name, relation.description, ...columns.map((column) => column.name)];
  return words.join(" ").toLowerCase().includes(wanted());
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
    makeLineage(told, relation.name),
    element("h3", {}, text("dictionary.columns")),
    makeSheet(["dictionary.column", "dictionary.type", "dictionary.description"],
      of(told.columns).map((column) => [column.name, element("code", {}, column.type), column.description])),
    element("h3", {}, text("dictionary.tests")),
    makeSheet(["dictionary.test", "dictionary.kind", "dictionary.about"],
      of(told.tests).map((test) => [test.name, test.kind, test.about ?? ""])),
  ];
}
