// The captures that the page knows: those of this visit, and earlier kept ones once asked for.

import { fetchCaptures } from "./client.js";

const PAGE = 24;

/**
 * One capture: {key, captureId, url, blob, capturedAt, context, isKept, isWaiting, answers, reviews};
 * answers and reviews stand newest first. Tells `change`.
 */
export class Captures extends EventTarget {
  known = new Map();
  before = null;

  get all() {
    return [...this.known.values()].sort((a, b) => b.capturedAt.localeCompare(a.capturedAt));
  }

  get(key) {
    return this.known.get(key);
  }

  /** Show a frame at once, before it has an answer. */
  addWaiting({ predictionId, blob, name, capturedAt, context }) {
    this.known.set(predictionId, {
      key: predictionId, captureId: null, url: URL.createObjectURL(blob), blob, name, capturedAt,
      context, isKept: false, isWaiting: true, quality: null, answers: [], reviews: [],
    });
    this.tell();
  }

  /** Put the answer to a waiting frame in its place. */
  answer(key, answer) {
    this.change(key, {
      captureId: answer.capture_id, isKept: answer.is_kept, isWaiting: false,
      capturedAt: answer.captured_at ?? this.get(key).capturedAt,
      quality: answer.quality, answers: [answer],
    });
  }

  /** Put a newer answer before the others. */
  answerAgain(key, answer) {
    const others = this.get(key).answers.filter((one) => one.prediction_id !== answer.prediction_id);
    this.change(key, { answers: [answer, ...others] });
  }

  addReview(key, review) {
    const others = this.get(key).reviews.filter((one) => one.review_id !== review.review_id);
    this.change(key, { reviews: [review, ...others] });
  }

  remove(key) {
    const capture = this.get(key);
    if (capture?.blob) URL.revokeObjectURL(capture.url);
    this.known.delete(key);
    this.tell();
  }

  /** Begin with the newest kept captures again: another filter has other pages. */
  rewind() {
    this.before = null;
  }

  /** Fetch one more page of kept captures; return whether there may be more. */
  async loadEarlier(filter) {
    const page = await fetchCaptures(filter, this.before, PAGE);
    for (const card of page.captures) this.merge(card);
    this.before = page.next_before;
    this.tell();
    return this.before !== null;
  }

  merge(card) {
    const here = this.all.find((capture) => capture.captureId === card.capture_id);
    if (here) {
      const withMap = new Map(here.answers.map((one) => [one.prediction_id, one]));
      const answers = card.answers.map((one) => withMap.get(one.prediction_id) ?? one);
      Object.assign(here, { answers, reviews: card.reviews });
      return;
    }
    const { age_years, sex, localization, subject } = card;
    this.known.set(card.capture_id, {
      key: card.capture_id, captureId: card.capture_id, url: card.image_url, blob: null,
      capturedAt: card.captured_at, context: { age_years, sex, localization, subject },
      isKept: card.is_kept, isWaiting: false, quality: card.quality,
      answers: card.answers, reviews: card.reviews,
    });
  }

  change(key, values) {
    const capture = this.get(key);
    if (!capture) return; // deleted while it was on its way
    Object.assign(capture, values);
    this.tell();
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** Return whether a capture passes the gallery's filter; what waits always does. */
export function passes(capture, { diagnosis, decision, reviewed }) {
  const [answer] = capture.answers;
  if (!answer) return true;
  return (
    (!diagnosis || answer.diagnosis === diagnosis) &&
    (!decision || answer.decision === decision) &&
    (!reviewed || String(capture.reviews.length > 0) === reviewed)
  );
}
