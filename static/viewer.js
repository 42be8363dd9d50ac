// One capture large: its picture and answer, the answers before, the reviews, what can be done.

import { answerTags, makeAnswer } from "./answer.js";
import { askAgain, deleteCapture, RefusedError } from "./client.js";
import { confirmDelete } from "./dialogs.js";
import { byId, button, element, newId } from "./elements.js";
import { faultSentence } from "./faults.js";
import { makeOverlaySlider, makePicture } from "./picture.js";
import { makeReview } from "./review.js";
import { makeSighting } from "./sighting.js";
import { moment, onLanguage, text } from "./texts.js";
import { answerLine, answerName, modelName, sexName, siteName } from "./words.js";

export class Viewer {
  key = null;
  questions = {}; // the id of each capture's open question

  /** `gallery` gives the order; `settings` the vocabulary and who is signed in. */
  constructor(captures, outbox, settings) {
    Object.assign(this, { captures, outbox, settings });
    this.dialog = byId("viewer");
    byId("viewer-previous").addEventListener("click", () => this.step(-1));
    byId("viewer-next").addEventListener("click", () => this.step(1));
    this.dialog.addEventListener("keydown", (event) => this.move(event));
    this.dialog.addEventListener("close", () => this.leave());
    captures.addEventListener("change", () => this.dialog.open && this.show());
    onLanguage(() => this.dialog.open && this.show());
  }

  /** Show a capture among those in the gallery; `part` may be "review". */
  open(key, order, part) {
    this.order = order;
    this.turnTo(key);
    this.dialog.showModal();
    this.dialog.scrollTop = 0;
    byId("viewer-title").focus();
    if (part === "review") this.review?.focus();
  }

  turnTo(key) {
    this.key = key;
    this.review = this.sighting = null;
    this.said = element("p", { class: "said", role: "status" });
    this.show();
  }

  leave() {
    this.key = null;
    byId("viewer-body").replaceChildren();
    // The card that had the focus may be gone.
    if (document.activeElement === document.body) byId("captures-title").focus();
  }

  get place() {
    return this.order.indexOf(this.key);
  }

  step(by) {
    const next = this.order[this.place + by];
    if (next && this.captures.get(next)) this.turnTo(next);
  }

  move(event) {
    if (event.target.closest("input, select, textarea")) return;
    if (event.key === "ArrowLeft") this.step(-1);
    if (event.key === "ArrowRight") this.step(1);
  }

  show() {
    const capture = this.captures.get(this.key);
    if (!capture) return;
    const [newest] = capture.answers;
    byId("viewer-place").textContent = `${this.place + 1} / ${this.order.length}`;
    byId("viewer-previous").disabled = this.place === 0;
    byId("viewer-next").disabled = this.place === this.order.length - 1;
    const left = [this.pictureOf(capture, newest), detailsOf(capture), this.actionsOf(capture)];
    const right = newest ? this.answerParts(capture, newest) : [element("p", {}, text("result.waiting"))];
    byId("viewer-body").replaceChildren(
      element("div", { class: "viewer-side" }, left, this.said),
      element("div", { class: "viewer-side" }, right));
  }

  pictureOf(capture, newest) {
    const what = newest ? answerLine(newest) : text("card.waiting");
    const picture = makePicture(capture, newest, text("picture.of", { what }));
    return element("div", { class: "picture" }, picture, newest?.activation ? makeOverlaySlider() : null);
  }

  answerParts(capture, newest) {
    const { diagnoses } = this.settings.vocabulary;
    const answer = makeAnswer(diagnoses);
    answer.show(newest);
    // The forms outlive a redraw, so that what is being typed is not lost.
    this.review ??= makeReview(capture, this.settings, (review) => this.captures.addReview(capture.key, review));
    this.review.show(capture);
    if (capture.isKept) this.sighting ??= makeSighting(capture);
    const history = capture.answers.length > 1 ? historyOf(capture) : null;
    return [answer.element, this.review.element, this.sighting, history];
  }

  actionsOf(capture) {
    const actions = [];
    if (capture.isKept) {
      actions.push(button("quiet", "again", text("answer.again"), (event) => this.again(capture, event.target)));
    }
    if (capture.url) actions.push(downloadOf(capture));
    if (capture.answers.length) actions.push(originOf(capture.answers[0]));
    actions.push(button("quiet", "trash", text("delete.button"), () => this.delete(capture)));
    return element("div", { class: "actions" }, actions);
  }

  async again({ key, captureId }, pressed) {
    const { said, questions } = this; // the person may turn to another capture before the answer
    // Until it is answered every try carries the same id, so that one answer stays one row.
    questions[key] ??= newId();
    pressed.disabled = true;
    try {
      const answer = await askAgain(captureId, questions[key]);
      delete questions[key];
      said.textContent = text("answer.answered_again", { what: answerLine(answer) });
      this.captures.answerAgain(key, answer);
    } catch (error) {
      said.textContent = faultSentence(error);
    }
    pressed.disabled = false;
  }

  async delete(capture) {
    if (!(await confirmDelete())) return;
    const { said } = this;
    try {
      await this.withdraw(capture);
    } catch (error) {
      // Gone already is as good as deleted.
      if (!(error instanceof RefusedError && error.status === 404)) {
        said.textContent = faultSentence(error);
        return;
      }
    }
    this.dialog.close();
    this.captures.remove(capture.key);
    byId("captures-title").focus();
  }

  /** What waits leaves the page first: an answer that is on its way finds it gone. */
  async withdraw({ key, captureId, isWaiting }) {
    if (!isWaiting) return deleteCapture(captureId);
    this.captures.remove(key);
    return this.outbox.withdraw(key);
  }
}

function downloadOf(capture) {
  const kept = capture.isKept && !capture.blob;
  const name = `dermhouse-${capture.capturedAt.slice(0, 19).replace(/\D/g, "")}`;
  const extension = (capture.blob?.type ?? "image/jpeg").replace("image/", ".").replace("jpeg", "jpg");
  const link = element("a", {
    class: "quiet", href: kept ? `${capture.url}?download=true` : capture.url, download: name + extension,
  });
  link.append(...button("", "download", text("picture.download")).childNodes);
  return link;
}

function originOf({ prediction_id: id }) {
  return element("a", { class: "quiet", href: `/models?trace=${id}` }, text("lineage.link"));
}

function detailsOf(capture) {
  const { age_years: age, sex, localization, subject } = capture.context;
  const facts = [
    ["details.captured", moment(capture.capturedAt)],
    ["context.subject", subject],
    ["context.age", age && text("context.years", { age })],
    ["context.sex", sex && sex !== "unknown" && sexName(sex)],
    ["context.site", localization && localization !== "unknown" && siteName(localization)],
    ["details.stored", capture.isWaiting ? null : text(capture.isKept ? "details.kept" : "details.not_kept")],
  ];
  const rows = facts.filter(([, value]) => value);
  return element("dl", { class: "details" },
    rows.flatMap(([key, value]) => [element("dt", {}, text(key)), element("dd", {}, value)]));
}

function historyOf(capture) {
  const rows = capture.answers.map((answer) => element("li", {},
    element("strong", {}, answerName(answer)),
    element("span", { class: "card-tags" }, answerTags(answer)),
    element("span", { class: "small-print" }, `${modelName(answer.model)} · ${moment(answer.predicted_at)}`)));
  return element("section", { class: "part answers" },
    element("h3", {}, text("answer.history")), element("ul", { class: "history" }, rows));
}
