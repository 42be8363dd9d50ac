// One answer as a person reads it: the decision, the diagnosis, what it means, the seven bars.

import { makeBars } from "./bars.js";
import { element, tag } from "./elements.js";
import { number, percent, text } from "./texts.js";
import { answerName, decisionName, modelName } from "./words.js";

/** Return {element, show(answer)}; live mode shows again and again in the same place. */
export function makeAnswer(diagnoses) {
  const tags = element("div", { class: "tags" });
  const name = element("p", { class: "name" });
  const share = element("p", { class: "share" });
  const meaning = element("p", { class: "meaning" });
  const facts = element("p", { class: "facts" });
  const bars = makeBars(diagnoses);
  const whole = element("div", { class: "answer" },
    element("div", { class: "headline" }, tags, name, share, meaning), bars.element, facts);
  return {
    element: whole,
    show(answer) {
      const isAnswered = answer.decision !== "not_assessable";
      whole.className = `answer ${answer.decision}`;
      tags.replaceChildren(...answerTags(answer));
      name.textContent = answerName(answer);
      share.textContent = isAnswered ? percent(answer.probabilities[answer.diagnosis]) : "";
      meaning.textContent = sayMeaning(answer);
      bars.show(answer);
      facts.replaceChildren(...sayFacts(answer));
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

function sayFacts(answer) {
  const latency = text("result.latency", { ms: number(answer.latency_ms, answer.latency_ms < 10 ? 1 : 0) });
  return [element("span", { class: "model-name" }, modelName(answer.model)), element("span", {}, latency)];
}
