// Live mode: three lanes, in each of which a frame goes out when the last one has been answered. While one
// is answered the next is on its way and one more is drawn and packed, and nothing ever queues.

import { answeredPart } from "./camera.js";
import { AwayError, sendPreview } from "./client.js";
import { Smoothing } from "./smoothing.js";

const PAINT_MS = 120; // faster than this nobody reads
const RATE_MS = 2000;
const LANES = 3;
const PAUSE_MS = 1500;
const PATIENCE_MS = 3000; // a picture moves on: what comes later than this is no answer to it

/** Tells `answer` (smoothed, with the rate), `fault`, and `change` when it starts or stops. */
export class Live extends EventTarget {
  constructor(camera) {
    super();
    this.camera = camera;
    this.turn = null;
    this.total = 0; // answers since the page was opened
  }

  get isOn() {
    return this.turn !== null;
  }

  /** Ask until stopped; `shortSide` is the frame's in pixels, `context()` what is known beside it. */
  async start(shortSide, context) {
    const turn = (this.turn = new AbortController());
    this.smoothing = new Smoothing();
    this.times = [];
    this.paintedAt = this.newest = 0;
    this.dispatchEvent(new Event("change"));
    const lanes = Array.from({ length: LANES }, () => this.drive(turn, shortSide, context));
    await Promise.all(lanes);
  }

  async drive(turn, shortSide, context) {
    while (!turn.signal.aborted) {
      try {
        const frame = this.frame(shortSide);
        const sentAt = performance.now();
        const signal = AbortSignal.any([turn.signal, AbortSignal.timeout(PATIENCE_MS)]);
        this.take(await sendPreview(frame, context(), signal), sentAt);
      } catch (error) {
        if (!turn.signal.aborted) await this.rest(error);
      }
      if (document.hidden) await shown();
    }
  }

  stop() {
    if (!this.turn) return;
    this.turn.abort();
    this.turn = null;
    this.dispatchEvent(new Event("change"));
  }

  take(answer, sentAt) {
    const now = performance.now();
    this.total += 1;
    this.times = [...this.times.filter((time) => time > now - RATE_MS), now];
    if (sentAt < this.newest) return; // another lane has overtaken it
    this.newest = sentAt;
    const smoothed = this.smoothing.add(answer);
    if (now - this.paintedAt < PAINT_MS) return;
    this.paintedAt = now;
    const span = now - this.times[0];
    const rate = span > 0 ? ((this.times.length - 1) * 1000) / span : 0;
    this.dispatchEvent(new CustomEvent("answer", { detail: { answer: smoothed, rate } }));
  }

  async rest(error) {
    this.smoothing = new Smoothing(); // what comes next is of another moment
    this.dispatchEvent(new CustomEvent("fault", { detail: error }));
    if (error instanceof AwayError) await new Promise((done) => setTimeout(done, PAUSE_MS));
    else this.stop();
  }

  /** Return the answered part of what the camera shows, just large enough for the network: a JPEG. */
  frame(shortSide) {
    const { video } = this.camera;
    const part = answeredPart(video.videoWidth, video.videoHeight);
    const scale = Math.min(1, shortSide / Math.min(part.width, part.height));
    this.canvas ??= document.createElement("canvas");
    const width = Math.round(part.width * scale);
    const height = Math.round(part.height * scale);
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    const context = this.canvas.getContext("2d");
    context.imageSmoothingQuality = "medium";
    context.drawImage(video, part.left, part.top, part.width, part.height, 0, 0, width, height);
    return bytesOf(this.canvas.toDataURL("image/jpeg", 0.85));
  }
}

/** Packed on the spot: a packing aside waits for the page to idle, on a busy machine for a second. */
function bytesOf(dataUrl) {
  const letters = atob(dataUrl.slice(dataUrl.indexOf(",") + 1));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function shown() {
  return new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
}
