// The review of a capture: what it is, how that was confirmed, and who says so.

import { sendReview } from "./client.js";
import { element, fillOptions, newId } from "./elements.js";
import { faultSentence } from "./faults.js";
import { recall, remember } from "./preferences.js";
import { moment, text } from "./texts.js";
import { confirmationName, diagnosisName } from "./words.js";

/** Return {element, show(capture), focus}; `done(review)` is told what stands in the store. */
export function makeReview(capture, { vocabulary, actor }, done) {
  const form = makeForm(capture, vocabulary, actor);
  const said = element("p", { class: "said", role: "status" });
  const list = element("ul", { class: "history" });
  const { elements } = form;
  let reviewId = newId();

  function sayWhat() {
    const isSame = elements.diagnosis.value === namedDiagnosis(capture);
    elements.send.textContent = text(isSame ? "review.confirm" : "review.correct");
  }

  async function send(event) {
    event.preventDefault();
    const { diagnosis, confirmation, reviewer } = Object.fromEntries(new FormData(form));
    elements.send.disabled = true;
    try {
      // Until it is answered every try carries the same id, so that one review stays one row.
      const review = { review_id: reviewId, diagnosis, confirmation, reviewer };
      done(await sendReview(capture.captureId, review));
      reviewId = newId();
      if (reviewer) remember("reviewer", reviewer);
      said.textContent = text("review.done");
    } catch (error) {
      said.textContent = faultSentence(error);
    }
    elements.send.disabled = false;
  }

  form.addEventListener("submit", send);
  elements.diagnosis.addEventListener("change", sayWhat);
  sayWhat();
  return {
    element: element("section", { class: "part reviews" },
      element("h3", {}, text("review.title")), list, form, said),
    show: ({ reviews }) => list.replaceChildren(...reviews.map(makeRow)),
    focus: () => elements.diagnosis.focus(),
  };
}

function makeForm(capture, { diagnoses, confirmations }, actor) {
  const diagnosis = element("select", { name: "diagnosis", required: true });
  const choose = ["", text("review.choose")];
  const named = namedDiagnosis(capture);
  fillOptions(diagnosis, [...(named ? [] : [choose]), ...diagnoses.map(({ code }) => [code, diagnosisName(code)])]);
  diagnosis.value = named ?? "";
  const confirmation = element("select", { name: "confirmation", required: true });
  fillOptions(confirmation, [choose, ...confirmations.map((code) => [code, confirmationName(code)])]);
  return element("form", { class: "review" },
    element("div", { class: "fields" },
      field(text("review.diagnosis"), diagnosis),
      field(text("review.confirmation"), confirmation),
      actor.name ? null : field(text("review.reviewer"), reviewerField())),
    actor.name ? element("p", { class: "note" }, text("review.as", { name: actor.name })) : null,
    element("button", { class: "plain", name: "send" }));
}

/** Return what the newest answer has named: nothing where the frame is not assessable. */
function namedDiagnosis({ answers: [newest] }) {
  return newest.decision === "not_assessable" ? null : newest.diagnosis;
}

function reviewerField() {
  return element("input", {
    name: "reviewer", type: "text", required: true, maxLength: 80,
    autocomplete: "off", value: recall("reviewer") ?? "",
  });
}

function field(words, control) {
  return element("label", { class: "field" }, element("span", {}, words), control);
}

function makeRow({ diagnosis, confirmation, reviewer, reviewed_at: reviewedAt }) {
  const how = `${confirmationName(confirmation)} · ${reviewer} · ${moment(reviewedAt)}`;
  return element("li", {}, element("strong", {}, diagnosisName(diagnosis)),
    element("span", { class: "small-print" }, how));
}
