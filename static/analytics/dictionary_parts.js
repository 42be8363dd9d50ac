// Parts of the dictionary: links, sheets, lineage, and the sections beside the relations.

import { element } from "../elements.js";
import { text } from "../texts.js";
import { diagnosisName } from "../words.js";

export const EXPOSURE = "exposure:";
const MODEL = "model:";

const sourcesOf = (told, name) => told.lineage.filter((edge) => edge.downstream === name).map((edge) => edge.upstream);
const readersOf = (told, name) => told.lineage.filter((edge) => edge.upstream === name).map((edge) => edge.downstream);

/** What stands beside the relations: by which words it is also found, and how its rows are shown. */
export const SECTIONS = {
  exposures: { words: () => [], make: makeExposures },
  terms: { words: (term) => [diagnosisName(term.diagnosis_code)], make: makeTerms },
  metrics: { words: () => [], make: makeMetrics },
};

export function makeLink(name, words = name) {
  const isHere = decodeURIComponent(location.hash.slice(1)) === name;
  return element("a", { href: `#${encodeURIComponent(name)}`, ...(isHere ? { "aria-current": "true" } : {}) }, words);
}

export function makeSheet(heads, rows) {
  const cells = ([first, ...others]) => [element("th", { scope: "row" }, first), ...others.map((other) => element("td", {}, other))];
  return element("div", { class: "sheet", tabIndex: 0, role: "region", "aria-label": text(heads[0]) },
    element("table", {},
      element("thead", {}, element("tr", {}, heads.map((key) => element("th", { scope: "col" }, text(key))))),
      element("tbody", {}, rows.map((row) => element("tr", {}, cells(row))))));
}

/** What a relation or an exposure is made from, and what reads it. */
export function makeLineage(told, name, words = name) {
  const list = (names, label, none) => element("ul", { "aria-label": text(label) },
    names.length ? names.map((each) => element("li", {}, makeEnd(told, each))) : element("li", { class: "quiet-text" }, text(none)));
  return element("div", { class: "lineage" },
    list(sourcesOf(told, name), "dictionary.upstream", "dictionary.from_store"),
    element("p", { class: "self" }, words),
    list(readersOf(told, name), "dictionary.downstream", "dictionary.for_people"));
}

/** A model's own lineage stands on the models page. */
function makeEnd(told, name) {
  if (name.startsWith(MODEL)) {
    const model = name.slice(MODEL.length);
    return element("a", { class: "reader", href: `/models?${new URLSearchParams({ model })}` }, model);
  }
  const exposure = told.exposures.find((each) => EXPOSURE + each.name === name);
  return exposure ? makeLink(name, exposure.label) : makeLink(name);
}

export function makeExposure(told, exposure) {
  const facts = [exposure.kind, ...["maturity", "owner"].filter((key) => exposure[key])
    .map((key) => `${text(`dictionary.${key}`)}: ${exposure[key]}`)];
  return [
    element("h2", {}, exposure.label),
    element("p", { class: "facts" }, facts.map((words) => element("span", { class: "tag plain" }, words))),
    element("p", {}, exposure.description),
    element("h3", {}, text("dictionary.lineage")),
    makeLineage(told, EXPOSURE + exposure.name, exposure.label),
  ];
}

const commaed = (parts) => parts.flatMap((part, place) => (place ? [", ", part] : [part]));

function makeExposures(told, exposures) {
  return makeSection("exposures", [
    "dictionary.exposures", "dictionary.kind", "dictionary.description", "dictionary.owner", "dictionary.maturity",
    "dictionary.depends_on",
  ], exposures.map((each) => [
    makeLink(EXPOSURE + each.name, each.label), each.kind, each.description, each.owner ?? "–", each.maturity ?? "–",
    commaed(sourcesOf(told, EXPOSURE + each.name).map((name) => makeLink(name)))]));
}

function makeTerms(_told, terms) {
  return makeSection("terms", [
    "dictionary.terms", "dictionary.diagnosis", "dictionary.code", "dictionary.match", "dictionary.verified",
    "dictionary.remark",
  ], terms.map((each) => [
    each.name, diagnosisName(each.diagnosis_code), `${each.system} ${each.code ?? "–"}`,
    each.is_many_to_one ? `${each.match}, ${text("dictionary.with_others")}` : each.match,
    each.is_verified ? text("dictionary.looked_up", { source: each.source }) : text("dictionary.not_looked_up"),
    each.note ?? ""]));
}

function makeMetrics(_told, metrics) {
  return makeSection("metrics", [
    "dictionary.metrics", "dictionary.code", "dictionary.definition", "dictionary.unit", "dictionary.better",
    "dictionary.applies_to", "dictionary.source",
  ], metrics.map((each) => [
    each.name, element("code", {}, each.code), each.definition, each.unit, each.better ?? "–", each.applies_to, each.source ?? "–"]));
}

function makeSection(name, heads, rows) {
  return [
    element("h2", {}, text(`dictionary.${name}`)),
    element("p", {}, text(`dictionary.${name}_about`)),
    rows.length ? makeSheet(heads, rows) : element("p", { class: "quiet-text" }, text("dictionary.none_fits")),
  ];
}
