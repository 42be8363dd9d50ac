// Live mode on the page: its button, the rate, the overlay on the picture; and the quality hints.

import { sayHints } from "./answer.js";
import { byId } from "./elements.js";
import { clearFault, showFault } from "./faults.js";
import { drawActivation } from "./overlay.js";
import { overlayOpacity } from "./picture.js";
import { hintsOf } from "./quality.js";
import { number, onLanguage, text } from "./texts.js";

const HINT_MS = 400;
// A little more than the network takes in, so that its own resizing has something to average.
const MARGIN = 1.25;

export function connectLive({ live, camera, context, result, settings }) {
  const shortSide = Math.round(settings.input_px * MARGIN);
  let told = null; // the hints that came with the newest answer
  let isFaulty = false;

  byId("live").addEventListener("click", () => {
    if (live.isOn) live.stop();
    else live.start(shortSide, () => previewFields(context.current()));
  });
  live.addEventListener("change", () => {
    byId("live").setAttribute("aria-pressed", String(live.isOn));
    byId("rate").hidden = !live.isOn;
    forget();
    if (live.isOn) clearFault();
  });
  live.addEventListener("answer", ({ detail: { answer, rate } }) => {
    if (isFaulty) clearFault();
    isFaulty = false;
    told = answer.quality?.hints ?? null;
    result.showLive(answer);
    byId("rate").textContent = text("live.rate", { rate: number(rate, rate < 10 ? 1 : 0) });
    showOverlay(answer, camera);
  });
  live.addEventListener("fault", ({ detail }) => {
    isFaulty = true;
    forget();
    showFault(detail);
  });
  camera.addEventListener("change", () => camera.isOn || live.stop());

  /** Take back what was answered: it is not of what the camera shows now. */
  function forget() {
    told = null;
    result.showNothing();
    byId("live-overlay").hidden = true;
    byId("rate").textContent = text("live.starting");
  }

  const hint = makeHint();
  setInterval(() => {
    if (!camera.isOn || document.hidden) hint.clear();
    else hint.show(told ?? hintsOf(camera.video)); // what the server has measured need not be measured here
  }, HINT_MS);
}

/** A preview is never stored, so nothing that names a patient goes with it. */
function previewFields({ age_years, sex, localization }) {
  return { age_years, sex, localization };
}

function showOverlay({ activation }, { video }) {
  const canvas = byId("live-overlay");
  canvas.hidden = !activation;
  if (!activation) return;
  canvas.dataset.shape = video.videoHeight > video.videoWidth ? "portrait" : "landscape";
  drawActivation(canvas, activation);
  canvas.style.opacity = overlayOpacity();
}

/** Say a hint once it was measured twice running, so that it neither flickers nor is read out twice. */
function makeHint() {
  let last = "";
  let shown = null;
  const say = (hints) => {
    byId("hint").textContent = hints.length ? sayHints(hints.slice(0, 1)) : text("hint.good");
    byId("stage").classList.toggle("is-good", hints.length === 0);
  };
  onLanguage(() => shown && say(shown));
  return {
    show(hints) {
      const now = hints.join();
      if (now === last && now !== shown?.join()) say((shown = hints));
      last = now;
    },
    clear() {
      shown = null;
      byId("hint").textContent = "";
      byId("stage").classList.remove("is-good");
    },
  };
}
