// From a frame to its answer: through the outbox, into the captures, onto the page.

import { byId, newId } from "./elements.js";
import { clearFault, FrameError, showFault } from "./faults.js";
import { counted, onLanguage, text } from "./texts.js";

/** Return `send(blob, name)`, which resolves once the frame is answered, refused or waits. */
export function connectSending({ captures, outbox, context, result, live, settings }) {
  let said = () => "";
  const say = (words) => {
    said = words;
    byId("status").textContent = words();
  };

  outbox.addEventListener("change", () => showWaiting(outbox));
  outbox.addEventListener("answered", ({ detail: { entry, answer } }) => {
    clearFault();
    const capture = captures.get(entry.predictionId);
    if (!capture) {
      say(() => ""); // it was deleted while it was on its way
      return;
    }
    captures.answer(entry.predictionId, answer);
    show(capture);
    say(() => text(answer.is_kept ? "sent.kept" : "sent.not_kept"));
  });
  outbox.addEventListener("withdrawn", () => {
    clearFault();
    say(() => "");
  });
  outbox.addEventListener("refused", ({ detail: { entry, error } }) => {
    captures.remove(entry.predictionId);
    showFault(error, entry.name);
    say(() => "");
  });
  outbox.addEventListener("gone", ({ detail: { entry } }) => captures.remove(entry.predictionId));
  outbox.addEventListener("away", ({ detail: { entry, error } }) => {
    showFault(error);
    say(() => text(captures.get(entry.predictionId) ? "sent.waits" : "sent.deletion_waits"));
  });
  live.addEventListener("change", () => live.isOn && say(() => ""));
  onLanguage(() => {
    showWaiting(outbox);
    byId("status").textContent = said();
  });
  outbox.open().then((left) => {
    left.forEach((entry) => captures.addWaiting(entry));
    showWaiting(outbox);
    outbox.send();
  });

  function show(capture) {
    result.showCapture(capture);
    const panel = byId("result");
    const isSeen = panel.getBoundingClientRect().top < innerHeight * 0.7;
    if (!isSeen) panel.scrollIntoView({ block: "start", behavior: motion() });
  }

  return async function send(blob, name) {
    if (blob.size > settings.max_upload_bytes) {
      showFault(new FrameError("fault.too_large"), name);
      return;
    }
    if (!context.isValid()) return;
    live.stop();
    say(() => text("sent.asking"));
    // Noted before anything is waited for: the next patient's fields are not this frame's.
    const known = { name, capturedAt: new Date().toISOString(), context: context.current() };
    const copy = await copyOf(blob).catch(() => null);
    if (!copy) {
      showFault(new FrameError("fault.undecodable"), name);
      say(() => "");
      return;
    }
    const entry = { predictionId: newId(), blob: copy, ...known };
    captures.addWaiting(entry);
    result.showCapture(captures.get(entry.predictionId));
    await outbox.put(entry);
  };
}

/** A chosen file may have been changed or taken away by the time that it is sent. */
async function copyOf(blob) {
  return new Blob([await blob.arrayBuffer()], { type: blob.type });
}

function showWaiting(outbox) {
  byId("waiting").textContent = outbox.count > 0 ? counted("waiting", outbox.count) : "";
}

function motion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}
