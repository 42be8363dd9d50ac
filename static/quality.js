// Quality hints before a capture: the measures and limits of the server, on what the camera shows.

import { answeredPart } from "./camera.js";
import { lesionShare } from "./lesion_share.js";

const MEASURED_PX = 224; // sharpness is comparable only between pictures of one size
const SHARE_PX = 56;

/** The server's own limits (ml/quality.py), where each stands with what it was measured on. */
const LIMITS = { sharpness: 12, dark: 60, bright: 210, lesionShare: 0.025 };

const canvases = new Map();

/** Return the hints for what a video or an image shows: of blurred, too_dark, too_bright, too_far. */
export function hintsOf(source) {
  return judge(measure(source));
}

/** Return brightness (mean luma, 0..255), sharpness and lesionShare (0..1) of a picture. */
export function measure(source) {
  const whole = pixelsOf(source, MEASURED_PX);
  const luma = lumaOf(whole);
  return {
    brightness: luma.reduce((sum, value) => sum + value, 0) / luma.length,
    sharpness: laplacianVariance(luma, MEASURED_PX),
    lesionShare: lesionShare(pixelsOf(source, SHARE_PX), SHARE_PX),
  };
}

/** Light comes first: what it hides looks blurred too. */
function judge(measured) {
  const isWrong = {
    too_dark: measured.brightness < LIMITS.dark,
    too_bright: measured.brightness > LIMITS.bright,
    blurred: measured.sharpness < LIMITS.sharpness,
    too_far: measured.lesionShare < LIMITS.lesionShare,
  };
  return Object.keys(isWrong).filter((hint) => isWrong[hint]);
}

/** Return the answered part as RGBA bytes, made square as the network sees it. */
function pixelsOf(source, size) {
  if (!canvases.has(size)) canvases.set(size, new OffscreenCanvas(size, size));
  const context = canvases.get(size).getContext("2d", { willReadFrequently: true });
  const width = source.videoWidth ?? source.naturalWidth;
  const height = source.videoHeight ?? source.naturalHeight;
  const part = answeredPart(width, height);
  context.imageSmoothingQuality = "high"; // averages on the way down: noise is no sharpness
  context.drawImage(source, part.left, part.top, part.width, part.height, 0, 0, size, size);
  return context.getImageData(0, 0, size, size).data;
}

function lumaOf(rgba) {
  const luma = new Float32Array(rgba.length / 4);
  for (let place = 0; place < luma.length; place += 1) {
    const at = place * 4;
    luma[place] = 0.299 * rgba[at] + 0.587 * rgba[at + 1] + 0.114 * rgba[at + 2];
  }
  return luma;
}

/** Variance of the Laplacian, after Pech-Pacheco and others, ICPR 2000. */
function laplacianVariance(luma, size) {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < size - 1; y += 1) {
    for (let at = y * size + 1; at < (y + 1) * size - 1; at += 1) {
      const value = luma[at - 1] + luma[at + 1] + luma[at - size] + luma[at + size] - 4 * luma[at];
      sum += value;
      squares += value * value;
    }
  }
  const count = (size - 2) ** 2;
  return squares / count - (sum / count) ** 2;
}
