// From an error to a sentence a person understands: what happened, and the way out.

import { byId, element, icon } from "./elements.js";
import { number, text } from "./texts.js";

const SENTENCES = {
  400: "fault.undecodable",
  401: "fault.token",
  403: "fault.forbidden",
  404: "fault.gone",
  409: "fault.conflict",
  413: "fault.too_large",
  422: "fault.fields",
  429: "fault.too_often",
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
  const words = element("p", {}, name ? `${name}: ${sentence}` : sentence, " ", wayIn(error.status));
  byId("fault").replaceChildren(...[icon("malignant"), words, own].filter(Boolean));
}

/** Where a token is lacking or another one is needed, return a link to where one signs in. */
function wayIn(status) {
  const next = encodeURIComponent(location.pathname + location.search);
  const href = { 401: `/sign-in?next=${next}`, 403: "/sign-in" }[status];
  return href ? element("a", { href }, text("fault.sign_in")) : null;
}

export function clearFault() {
  byId("fault").replaceChildren();
}
