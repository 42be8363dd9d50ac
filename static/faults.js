// From an error to a sentence a person understands: what happened, and the way out.

import { byId, element, icon } from "./elements.js";
import { number, text } from "./texts.js";

const SENTENCES = {
  400: "fault.undecodable",
  401: "fault.token",
  404: "fault.gone",
  409: "fault.conflict",
  413: "fault.too_large",
  422: "fault.fields",
  500: "fault.server",
  503: "fault.not_ready",
};

/** A frame that the page itself refuses, before it is sent. */
export class FrameError extends Error {
  constructor(key) {
    super(key);
    this.key = key;
  }
}

let limitBytes = 0;

export function knowLimit(bytes) {
  limitBytes = bytes;
}

export function faultSentence(error) {
  if (error.status === null) return text("fault.away");
  const key = error.key ?? SENTENCES[error.status] ?? "fault.unknown";
  return text(key, { limit: number(limitBytes / 2 ** 20) });
}

/** Show what went wrong; `name` is the file it happened to. The server's own words stand below. */
export function showFault(error, name = "") {
  console.info(error);
  const sentence = faultSentence(error);
  const own = error.status ? element("small", { lang: "en" }, error.message) : null;
  const words = element("p", {}, name ? `${name}: ${sentence}` : sentence);
  byId("fault").replaceChildren(...[icon("malignant"), words, own].filter(Boolean));
}

export function clearFault() {
  byId("fault").replaceChildren();
}
