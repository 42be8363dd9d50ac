// A captured frame with the model's attention over it, and the slider that sets how strongly.

import { answeredPart } from "./camera.js";
import { element } from "./elements.js";
import { drawActivation, drawLegend } from "./overlay.js";
import { recall, remember } from "./preferences.js";
import { text } from "./texts.js";

const DEFAULT_OPACITY = 0.5;
// A file of just this size has been cropped and squeezed before: the whole of it is answered.
const SQUEEZED = 224;

/** Return how strongly overlays are shown, 0 to 1. */
export const overlayOpacity = () => Number(recall("overlay") ?? DEFAULT_OPACITY);

/** Return a figure of one capture; without an activation there is no overlay. */
export function makePicture({ url }, answer, description) {
  const box = element("div", { class: "picture-box" });
  const image = element("img", { src: url, alt: description, decoding: "async" });
  box.append(image);
  image.addEventListener("load", () => {
    box.style.aspectRatio = `${image.naturalWidth} / ${image.naturalHeight}`;
    // The cap on its height must not stretch it: a narrower box keeps the picture's shape.
    const cap = getComputedStyle(box).maxHeight;
    box.style.maxWidth = `calc(${cap} * ${image.naturalWidth / image.naturalHeight})`;
    if (answer?.activation) box.append(makeOverlay(image, answer.activation));
  });
  image.addEventListener("error", () => {
    image.remove();
    box.append(element("p", { class: "unshown note" }, text("picture.unshown")));
  });
  return box;
}

function makeOverlay({ naturalWidth, naturalHeight }, activation) {
  const canvas = element("canvas", { class: "overlay", "aria-hidden": "true" });
  const isSqueezed = naturalWidth === SQUEEZED && naturalHeight === SQUEEZED;
  const part = isSqueezed
    ? { left: 0, top: 0, width: SQUEEZED, height: SQUEEZED }
    : answeredPart(naturalWidth, naturalHeight);
  canvas.dataset.shape = part.height > part.width ? "portrait" : "landscape";
  place(canvas, part, naturalWidth, naturalHeight);
  drawActivation(canvas, activation);
  canvas.style.opacity = overlayOpacity();
  return canvas;
}

function place(canvas, part, width, height) {
  canvas.style.left = `${(part.left / width) * 100}%`;
  canvas.style.top = `${(part.top / height) * 100}%`;
  canvas.style.width = `${(part.width / width) * 100}%`;
  canvas.style.height = `${(part.height / height) * 100}%`;
}

/** Return the slider; it moves every overlay on the page, and the browser remembers it. */
export function makeOverlaySlider() {
  const legend = element("canvas", { "aria-hidden": "true" });
  drawLegend(legend);
  const slider = element("input", {
    type: "range", min: 0, max: 1, step: 0.05, value: overlayOpacity(),
    oninput: () => setOverlays(slider.value),
  });
  const [less, more] = ["overlay.less", "overlay.more"].map((key) => element("span", {}, text(key)));
  return element("label", { class: "slider" }, element("span", {}, text("overlay.label")), slider,
    element("span", { class: "legend", "aria-hidden": "true" }, less, legend, more));
}

function setOverlays(opacity) {
  remember("overlay", opacity);
  for (const canvas of document.querySelectorAll("canvas.overlay")) canvas.style.opacity = opacity;
}
