// The camera: a stream into the video element, its torch and zoom, and single frames out of it.

import { recall, remember } from "./preferences.js";

const LARGEST_SIDE = 1920;

/** Why there is no picture; `key` names the sentence that says so. */
export class CameraError extends Error {
  constructor(key, cause) {
    super(key, { cause });
    this.key = key;
  }
}

/** Tells `change` when the picture starts or ends; `fault` says why there is none. */
export class Camera extends EventTarget {
  constructor(video) {
    super();
    this.video = video;
    this.track = null;
    this.fault = null;
  }

  get isOn() {
    return this.track !== null;
  }

  /** Start the chosen camera, else the one of last time, else the rear one. */
  async start(deviceId = recall("camera")) {
    this.lose(null); // while another one starts there is nothing to capture
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new CameraError("camera.insecure");
      const stream = await openStream(deviceId);
      this.video.srcObject = stream;
      await this.video.play();
      this.track = stream.getVideoTracks()[0];
      this.track.addEventListener("ended", () => this.lose(new CameraError("camera.lost")));
      remember("camera", this.track.getSettings().deviceId ?? "");
    } catch (error) {
      this.fault = error.key ? error : new CameraError(nameFault(error), error);
    }
    this.dispatchEvent(new Event("change"));
  }

  stop() {
    this.video.srcObject?.getTracks().forEach((track) => track.stop());
    this.video.srcObject = null;
    this.track = null;
  }

  lose(fault) {
    this.stop();
    this.fault = fault;
    this.dispatchEvent(new Event("change"));
  }

  async list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
  }

  /** What the running camera can do beyond a picture: `torch`, and `zoom` as {min, max, step}. */
  get abilities() {
    return this.track?.getCapabilities?.() ?? {};
  }

  get settings() {
    return this.track?.getSettings() ?? {};
  }

  adjust(constraint) {
    return this.track.applyConstraints({ advanced: [constraint] });
  }

  /** Return what the camera shows now, whole, as a JPEG. */
  grab() {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, LARGEST_SIDE / Math.max(videoWidth, videoHeight));
    const canvas = new OffscreenCanvas(videoWidth * scale, videoHeight * scale);
    canvas.getContext("2d").drawImage(this.video, 0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
  }
}

async function openStream(deviceId) {
  const size = { width: { ideal: 1600 }, height: { ideal: 1200 } };
  const rear = { ...size, facingMode: { ideal: "environment" } };
  const known = { ...size, deviceId: { exact: deviceId } };
  try {
    return await ask(deviceId ? known : rear);
  } catch (error) {
    // The camera of last time may have been unplugged.
    if (!deviceId || error.name !== "OverconstrainedError") throw error;
    return ask(rear);
  }
}

/** Chromium shows a zoom only to a page that asks for it here; a person may refuse just that. */
async function ask(video) {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { ...video, zoom: true } });
  } catch (error) {
    if (error.name !== "NotAllowedError" || !(await isCameraAllowed())) throw error;
    return navigator.mediaDevices.getUserMedia({ video });
  }
}

async function isCameraAllowed() {
  const permission = await navigator.permissions.query({ name: "camera" }).catch(() => null);
  return permission?.state === "granted";
}

function nameFault(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "camera.refused";
    case "NotFoundError":
      return "camera.missing";
    case "NotReadableError":
    case "AbortError":
      return "camera.busy";
    default:
      return "camera.failed";
  }
}

/** Return the part of a picture that is answered: its central 4:3, or 3:4 if it is upright. */
export function answeredPart(width, height) {
  const ratio = width >= height ? 4 / 3 : 3 / 4;
  const wide = Math.min(width, height * ratio);
  const high = Math.min(height, width / ratio);
  return { left: (width - wide) / 2, top: (height - high) / 2, width: wide, height: high };
}
