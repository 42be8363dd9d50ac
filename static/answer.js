// One answer as a person reads it: the decision, the diagnosis, what it means, the seven bars.

import { makeBars } from "./bars.js";
import { element, say, tag } from "./elements.js";
import { number, percent, text } from "./texts.js";
import { answerName, decisionName, modelName } from "./words.js";

/** Return {element, show(answer)}; live mode shows again and again in the same place. */
export function makeAnswer(diagnoses) {
  const tags = element("div", { class: "tags" });
  const name = element("p", { class: "name" });
  const share = element("p", { class: "share" });
  const meaning = element("p", { class: "meaning" });
  const model = element("span", { class: "model-name" });
  const latency = element("span");
  const bars = makeBars(diagnoses);
  const whole = element("div", { class: "answer" },
    element("div", { class: "headline" }, tags, name, share, meaning), bars.element,
    element("p", { class: "facts" }, model, latency));
  return {
    element: whole,
    show(answer) {
      const isAnswered = answer.decision !== "not_assessable";
      whole.className = `answer ${answer.decision}`;
      showTags(tags, answer);
      say(name, answerName(answer));
      say(share, isAnswered ? percent(answer.probabilities[answer.diagnosis]) : "");
      say(meaning, sayMeaning(answer));
      bars.show(answer);
      say(model, modelName(answer.model));
      say(latency, text("result.latency", { ms: number(answer.latency_ms, answer.latency_ms < 10 ? 1 : 0) }));
    },
  };
}

/** Return the decision, and the mark of a malignant diagnosis. */
export function answerTags(answer) {
  const decision = tag(answer.decision, answer.decision, decisionName(answer.decision));
  const isMarked = answer.is_malignant && answer.decision !== "not_assessable";
  return isMarked ? [decision, tag("malignant", "malignant", text("result.malignant"))] : [decision];
}

export function sayHints(hints = []) {
  return hints.map((hint) => text(`hint.${hint}`)).join(" ");
}

function sayMeaning(answer) {
  const meaning = text(`meaning.${answer.decision}`);
  return answer.decision === "not_assessable" ? `${meaning} ${sayHints(answer.quality?.hints)}` : meaning;
}

/** Icons are costly: they stay while one answer says what the last one did. */
function showTags(tags, answer) {
  const said = `${answer.decision} ${answer.is_malignant}`;
  if (tags.dataset.said === said) return;
  tags.dataset.said = said;
  tags.replaceChildren(...answerTags(answer));
}
