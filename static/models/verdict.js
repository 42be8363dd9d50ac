// A verdict as a table: each line holds or does not, by a word and not by its colour alone.

import { element, tag } from "../elements.js";
import { moment, number, text } from "../texts.js";

const COLUMNS = ["line", "holds", "challenger", "champion", "word"];

export function verdictTable(verdict) {
  const told = { moment: moment(verdict.looked_at), other: verdict.other_model_id, who: verdict.looked_by };
  return element("div", { class: "verdict", tabIndex: 0, role: "region", "aria-label": text("models.verdict") },
    element("table", {},
      element("caption", {}, text(verdict.is_passed ? "models.passed" : "models.refused", told)),
      element("thead", {}, element("tr", {}, COLUMNS.map((name) =>
        element("th", { scope: "col" }, text(`models.${name}`))))),
      element("tbody", {}, verdict.lines.map(lineRow))));
}

function lineRow(line) {
  return element("tr", {},
    element("th", { scope: "row", lang: "en" }, line.name),
    element("td", {}, holds(line)),
    element("td", { class: "figure" }, figure(line.challenger)),
    element("td", { class: "figure" }, figure(line.champion)),
    element("td", { lang: "en" }, line.word));
}

function holds({ is_passed: isPassed, is_decisive: isDecisive }) {
  if (!isDecisive) return tag("is-going", "clock", text("models.told"));
  return isPassed ? tag("is-well", "likely", text("models.yes")) : tag("is-ill", "malignant", text("models.no"));
}

const figure = (value) => (value === null ? "–" : number(value, Math.abs(value) < 10 ? 3 : 0));
