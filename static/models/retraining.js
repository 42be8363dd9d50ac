// Whether a retraining is due, by which rules, and how the last ones went.

import { element, tag } from "../elements.js";
import { hasText, moment, number, text } from "../texts.js";

const SHOWN = 5;
const OUTCOMES = { done: ["is-well", "likely"], failed: ["is-ill", "malignant"], running: ["is-going", "clock"] };

/** Say a rule's name; one that is newer than the catalogue is said as it stands. */
const ruleName = (name) => (hasText(`rule.${name}`) ? text(`rule.${name}`) : name);

export function ruleTable(rules) {
  const columns = ["rule.name", "rule.value", "rule.limit"];
  return element("table", {},
    element("thead", {}, element("tr", {}, columns.map((key) => element("th", { scope: "col" }, text(key))))),
    element("tbody", {}, rules.map(ruleRow)));
}

function ruleRow({ name, fired, value, limit }) {
  return element("tr", {},
    element("th", { scope: "row" }, ruleName(name), fired ? tag("is-going", "clock", text("rule.fired")) : null),
    element("td", { class: "figure" }, value === null ? "–" : figure(value)),
    element("td", { class: "figure" }, figure(limit)));
}

const figure = (value) => number(value, Number.isInteger(value) ? 0 : 2);

export function retrainingItems(retrainings) {
  return retrainings.slice(0, SHOWN).map((one) => {
    const [kind, icon] = OUTCOMES[one.outcome];
    return element("li", {}, element("div", { class: "build-line" },
      tag(kind, icon, text(`outcome.${one.outcome}`)),
      element("strong", {}, one.model_id),
      element("span", {}, moment(one.started_at)),
      element("span", {}, one.rules.map(ruleName).join(", ") || text("rule.asked"))),
    one.message ? element("pre", { lang: "en" }, one.message) : null);
  });
}
