// The filters above a dashboard: the same that a click on a chart sets, for the keyboard as well.

import { byId, element, fillOptions } from "../elements.js";
import { hasText, text } from "../texts.js";
import { go, here } from "./place.js";

const LISTS = {
  diagnosis_code: "diagnosis",
  localization_code: "site",
  sex_code: "sex",
  age_band: "age",
  source_code: "source",
  confirmation_code: "confirmation",
  quantity: "quantity",
};

const DEFAULTS = { quantity: "brightness" };

/** Show a select for each filter of the dashboard; `codes` are those that there are. */
export function showFilters(filters, codes) {
  const form = byId("filter");
  form.hidden = !filters.length;
  form.replaceChildren(...filters.map((name) => makeField(name, codes[name] ?? [])), makeClear());
}

function makeField(name, codes) {
  const chosen = here().filters[name] ?? DEFAULTS[name] ?? "";
  const select = element("select", { name, onchange: (event) => setFilter(name, event.target.value) });
  const known = !chosen || codes.includes(chosen) ? codes : [...codes, chosen];
  const none = name in DEFAULTS ? [] : [["", text(name === "model_id" ? "analytics.served" : "filter.all")]];
  fillOptions(select, [...none, ...known.map((code) => [code, said(name, code)])]);
  select.value = chosen;
  return element("label", { class: "field" }, element("span", {}, text(`axis.${name}`)), select);
}

function makeClear() {
  const { board, filters } = here();
  const isSet = Object.keys(filters).length > 0;
  return element("button", { class: "quiet", type: "button", disabled: !isSet, onclick: () => go(board) },
    text("analytics.clear"));
}

function setFilter(name, value) {
  const { board, filters } = here();
  const { [name]: _, ...others } = filters;
  go(board, value ? { ...others, [name]: value } : others);
}

function said(name, code) {
  const key = `${LISTS[name]}.${code.replaceAll(" ", "_")}`;
  return hasText(key) ? text(key) : code;
}

