// The seven probabilities, always in the same places: malignant first, then benign.

import { element, icon, say } from "./elements.js";
import { percent, text } from "./texts.js";
import { diagnosisName } from "./words.js";

/** Return {element, show(answer)}; showing again moves the same bars. */
export function makeBars(diagnoses) {
  const groups = [
    makeGroup(diagnoses.filter((one) => one.is_malignant), true),
    makeGroup(diagnoses.filter((one) => !one.is_malignant), false),
  ];
  const bars = element("div", { class: "bars" }, groups.map((group) => group.element));
  return { element: bars, show: (answer) => groups.forEach((group) => group.show(answer)) };
}

function makeGroup(diagnoses, isMalignant) {
  const words = text(isMalignant ? "bars.malignant" : "bars.benign");
  const total = element("span");
  const head = element("h3", {}, element("span", {}, isMalignant ? icon("malignant") : "", words), total);
  const rows = diagnoses.map(({ code }) => makeBar(code));
  const list = element("ul", {}, rows.map((row) => row.element));
  const group = element("div", { class: isMalignant ? "malignant" : "benign" }, head, list);
  return {
    element: group,
    show(answer) {
      const sum = diagnoses.reduce((all, { code }) => all + answer.probabilities[code], 0);
      say(total, percent(sum));
      rows.forEach((row) => row.show(answer));
    },
  };
}

function makeBar(code) {
  const share = element("span");
  const track = element("i", { "aria-hidden": "true" });
  const row = element("li", { class: "bar", "data-code": code },
    element("span", {}, diagnosisName(code)), share, track);
  return {
    element: row,
    show({ probabilities, diagnosis, decision }) {
      say(share, percent(probabilities[code]));
      track.style.setProperty("--share", probabilities[code]);
      row.classList.toggle("is-answer", code === diagnosis && decision !== "not_assessable");
    },
  };
}
