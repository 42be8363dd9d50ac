// The result panel: the newest capture's answer, or the running one of live mode.

import { makeAnswer } from "./answer.js";
import { byId, button, element } from "./elements.js";
import { makeOverlaySlider, makePicture } from "./picture.js";
import { onLanguage, text } from "./texts.js";
import { answerLine } from "./words.js";

/** Return {showCapture, showLive, showNothing}; `open(key)` shows one of `captures` large. */
export function makeResult(captures, diagnoses, notice, open) {
  const body = byId("result-body");
  let redraw = showNothing;
  let live = null;
  let shown = null; // the key of the capture, where it is one

  function replace(drawing, key = null) {
    live = null;
    shown = key;
    redraw = drawing;
    drawing();
  }

  function showNothing() {
    byId("result-said").textContent = "";
    body.replaceChildren(element("p", { class: "empty" }, text("result.empty")));
  }

  function drawCapture(capture) {
    const [newest] = capture.answers;
    if (!newest) {
      body.replaceChildren(element("p", { class: "empty" }, text("result.waiting")));
      return;
    }
    const answer = makeAnswer(diagnoses);
    answer.show(newest);
    answer.element.querySelector(".headline").after(pictureOf(capture, newest));
    answer.element.append(actionsOf(capture), element("p", { class: "small-print" }, notice()));
    body.replaceChildren(answer.element);
  }

  function pictureOf(capture, newest) {
    const picture = makePicture(capture, newest, text("picture.of", { what: answerLine(newest) }));
    return element("div", { class: "picture" }, picture, newest.activation ? makeOverlaySlider() : null);
  }

  function actionsOf({ key }) {
    return element("div", { class: "actions" },
      button("quiet", "review", text("review.open"), () => open(key, "review")),
      button("quiet", "large", text("result.open"), () => open(key)));
  }

  function drawLive() {
    const answer = makeAnswer(diagnoses);
    const note = element("p", { class: "small-print" }, text("live.note"));
    body.replaceChildren(answer.element);
    answer.element.append(makeOverlaySlider(), note, element("p", { class: "small-print" }, notice()));
    return answer;
  }

  captures.addEventListener("change", () => {
    if (shown && !captures.get(shown)) replace(showNothing);
  });
  onLanguage(() => {
    live = null;
    redraw();
  });
  return {
    showNothing: () => replace(showNothing),
    showCapture(capture) {
      replace(() => drawCapture(capture), capture.key);
      const [newest] = capture.answers;
      if (newest) byId("result-said").textContent = answerLine(newest);
    },
    showLive(answer) {
      redraw = () => {};
      shown = null;
      live ??= drawLive();
      live.show(answer);
    },
  };
}

