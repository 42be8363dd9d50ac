// How the field's codes are said: diagnoses, sites, decisions, models.

import { hasText, text } from "./texts.js";

/** Say a code of a closed list; a code newer than the catalogue is said as it stands. */
function named(list, code) {
  const key = `${list}.${code.replaceAll(" ", "_")}`;
  return hasText(key) ? text(key) : code;
}

export const diagnosisName = (code) => named("diagnosis", code);
export const siteName = (code) => named("site", code);
export const sexName = (code) => named("sex", code);
export const confirmationName = (code) => named("confirmation", code);
export const decisionName = (code) => named("decision", code);

/** Say a model: its name, and the version, which is its date, time and hash. */
export function modelName(id) {
  const [, name, version] = id.match(/^(.+?)-(\d{8}-.+)$/) ?? [];
  return name ? text("model.version", { name, version }) : id;
}

/** Say what an answer is: its diagnosis, or that there is none. */
export function answerName(answer) {
  const isAnswered = answer.decision !== "not_assessable";
  return isAnswered ? diagnosisName(answer.diagnosis) : text("result.no_answer");
}

/** Say an answer in one line: for a button's label, an image's description, a live region. */
export function answerLine(answer) {
  if (answer.decision === "not_assessable") return decisionName(answer.decision);
  const parts = [diagnosisName(answer.diagnosis), decisionName(answer.decision)];
  if (answer.is_malignant) parts.push(text("result.malignant"));
  return parts.join(", ");
}
