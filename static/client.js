// What the page says to the server, and the two ways in which that can fail.

import { asMultipart } from "./multipart.js";

// The frame is good but the server cannot take it now: the same request may succeed later.
const LATER = new Set([401, 408, 429, 500, 502, 503, 504]);

/** The server cannot be reached, or cannot answer now; `status` is null where nothing came back. */
export class AwayError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** The server has refused the request for good; `detail` is its own sentence. */
export class RefusedError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export const fetchSettings = () => ask("/app/settings");

/** Resolve when the server is up and ready. */
export const knock = () => ask("/healthz");

/** Ask without leaving a trace: nothing of a preview is stored; `jpeg` is the frame's bytes. */
export function sendPreview(jpeg, context, signal) {
  return ask("/preview/", { method: "POST", ...asMultipart(context, jpeg), signal });
}

/** Send one capture for good; a retry carries the same prediction id, so it is counted once. */
export function sendCapture({ predictionId, blob, name, context }) {
  const form = formOf({ ...context, prediction_id: predictionId });
  form.append("file", blob, name);
  return ask("/video_frame/", { method: "POST", body: form });
}

export function fetchCaptures(filter, before, limit) {
  const query = new URLSearchParams({ limit });
  for (const [name, value] of Object.entries({ ...filter, before })) {
    if (value) query.set(name, value);
  }
  return ask(`/captures/?${query}`);
}

export const deleteCapture = (id) => ask(`/captures/${id}`, { method: "DELETE" });

/** Delete the capture that was sent with a prediction id, where the server has one. */
export async function withdrawSent(predictionId) {
  const sent = await fetchCaptures({ kept: "false", prediction_id: predictionId }, null, 1);
  for (const { capture_id: id } of sent.captures) await deleteCapture(id);
}

export const askAgain = (id, predictionId) =>
  ask(`/captures/${id}/answers`, asJson({ prediction_id: predictionId }));

export const sendReview = (id, review) => ask(`/captures/${id}/reviews`, asJson(review));

/** Say which lesion a capture shows: {lesion_id} by a name of ours, {image_id} by a loaded image. */
export const stateLesion = (id, lesion) =>
  ask(`/captures/${id}/lesion`, { ...asJson(lesion), method: "PUT" });

async function ask(path, options) {
  let response;
  let answer;
  try {
    response = await fetch(path, options);
    answer = response.status === 204 ? null : await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new AwayError(response?.ok ? null : (response?.status ?? null), String(error));
  }
  if (response.ok) return answer;
  const Fault = LATER.has(response.status) ? AwayError : RefusedError;
  throw new Fault(response.status, answer.detail);
}

function asJson(body) {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

function formOf(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== "" && value !== null && value !== undefined) form.append(name, value);
  }
  return form;
}
