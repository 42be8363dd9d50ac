// Two captures side by side: their pictures, and their seven probabilities in one table.

import { answerTags } from "./answer.js";
import { byId, element, icon } from "./elements.js";
import { makeOverlaySlider, makePicture } from "./picture.js";
import { moment, percent, text } from "./texts.js";
import { answerLine, answerName, diagnosisName } from "./words.js";

const LETTERS = ["A", "B"];

/** Show two captures; the earlier one is A. */
export function showComparison(one, other, diagnoses) {
  const pair = [one, other].sort((a, b) => a.capturedAt.localeCompare(b.capturedAt));
  const answers = pair.map((capture) => capture.answers[0]);
  const figures = pair.map((capture, at) => makeFigure(capture, answers[at], LETTERS[at]));
  const hasOverlay = answers.some((answer) => answer.activation);
  byId("comparison-body").replaceChildren(...[
    element("div", { class: "pair" }, figures),
    hasOverlay ? makeOverlaySlider() : null,
    makeTable(answers, diagnoses),
  ].filter(Boolean));
  byId("comparison").showModal();
}

function makeFigure(capture, answer, letter) {
  const description = text("picture.of", { what: answerLine(answer) });
  return element("figure", {}, makePicture(capture, answer, description),
    element("figcaption", {}, element("span", { class: "letter" }, letter),
      element("span", {}, answerName(answer)),
      element("span", { class: "card-tags" }, answerTags(answer)),
      element("span", { class: "card-time" }, moment(capture.capturedAt))));
}

function makeTable(answers, diagnoses) {
  const head = element("tr", {}, element("th", { scope: "col" }, text("compare.diagnosis")),
    LETTERS.map((letter) => element("th", { scope: "col" }, letter)));
  const ordered = [...diagnoses].sort((a, b) => b.is_malignant - a.is_malignant);
  return element("table", { class: "versus" }, element("thead", {}, head),
    element("tbody", {}, ordered.map((diagnosis) => makeRow(diagnosis, answers))));
}

function makeRow({ code, is_malignant: isMalignant }, answers) {
  const mark = isMalignant
    ? [icon("malignant"), element("span", { class: "unseen" }, text("result.malignant")), " "]
    : [];
  return element("tr", {}, element("th", { scope: "row" }, mark, diagnosisName(code)),
    answers.map((answer) => element("td", { class: isAnswer(answer, code) ? "is-answer" : "" },
      percent(answer.probabilities[code]))));
}

function isAnswer({ diagnosis, decision }, code) {
  return code === diagnosis && decision !== "not_assessable";
}
