// One capture in the gallery: its picture, its answer, whether it waits, is kept, is reviewed.

import { answerTags } from "./answer.js";
import { element, tag } from "./elements.js";
import { moment, text } from "./texts.js";
import { answerLine, answerName } from "./words.js";

/** Make a card; `open(key)` and `pick(key)` are told when it is pressed or ticked. */
export function makeCard({ key }, open, pick) {
  const words = element("span", { class: "card-words" });
  const box = element("input", { type: "checkbox", onchange: () => pick(key) });
  const opener = element("button", { class: "card-open", type: "button", onclick: () => open(key) });
  const label = element("label", { class: "card-pick" }, box);
  const card = element("li", { class: "card", "data-key": key }, opener, label);
  let shown = null;
  return {
    element: card,
    show(capture, isPicked) {
      if (shown !== capture.url) opener.replaceChildren(makeThumb(capture), unseen(text("card.open")), words);
      shown = capture.url;
      words.replaceChildren(...wordsOf(capture));
      card.dataset.predictionId = capture.answers[0]?.prediction_id ?? capture.key;
      card.dataset.captureId = capture.captureId ?? "";
      label.hidden = capture.isWaiting;
      box.setAttribute("aria-label", text("card.pick", { what: lineOf(capture) }));
      box.checked = isPicked;
      card.classList.toggle("is-picked", isPicked);
    },
  };
}

function lineOf(capture) {
  const [answer] = capture.answers;
  return `${answer ? answerLine(answer) : text("card.waiting")}, ${moment(capture.capturedAt)}`;
}

function unseen(words) {
  return element("span", { class: "unseen" }, words);
}

function makeThumb({ url }) {
  if (!url) return noPicture();
  const image = element("img", { class: "thumb", loading: "lazy", decoding: "async", alt: "" });
  image.addEventListener("error", () => image.replaceWith(noPicture()));
  image.src = url;
  return image;
}

function noPicture() {
  return element("span", { class: "thumb unshown" }, text("picture.unshown"));
}

function wordsOf(capture) {
  const [answer] = capture.answers;
  const name = element("span", { class: "card-name" }, answer ? answerName(answer) : text("card.waiting"));
  const tags = element("span", { class: "card-tags" }, tagsOf(capture, answer));
  return [name, tags, element("span", { class: "card-time" }, moment(capture.capturedAt))];
}

function tagsOf(capture, answer) {
  if (!answer) return [tag("waiting", "clock", text("card.not_sent"))];
  const tags = answerTags(answer);
  if (capture.isKept) tags.push(tag("plain", "kept", text("card.kept")));
  if (capture.reviews.length > 0) tags.push(tag("plain", "review", text("card.reviewed")));
  return tags;
}
