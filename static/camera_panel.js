// The controls around the picture: which camera, torch, zoom, and what to say when there is none.

import { byId, fillOptions } from "./elements.js";
import { onLanguage, text } from "./texts.js";

/** Connect the controls to a camera; they show what the camera in use is able to do. */
export function connectCamera(camera) {
  camera.addEventListener("change", () => {
    showPicture(camera);
    showCameras(camera);
    showAbilities(camera);
  });
  byId("cameras").addEventListener("change", (event) => camera.start(event.target.value));
  byId("retry-camera").addEventListener("click", () => camera.start());
  byId("torch").addEventListener("click", () => switchTorch(camera));
  byId("zoom").addEventListener("input", (event) => {
    camera.adjust({ zoom: Number(event.target.value) });
  });
  camera.video.addEventListener("resize", () => showShape(camera.video));
  onLanguage(() => {
    showFault(camera.fault);
    showCameras(camera);
  });
}

function showPicture(camera) {
  const { stage, capture, live } = { stage: byId("stage"), capture: byId("capture"), live: byId("live") };
  stage.classList.toggle("is-empty", !camera.isOn);
  byId("no-camera").hidden = !camera.fault;
  capture.disabled = live.disabled = !camera.isOn;
  camera.video.classList.toggle("is-mirrored", camera.settings.facingMode === "user");
  showShape(camera.video);
  showFault(camera.fault);
}

function showShape(video) {
  byId("stage").classList.toggle("is-portrait", video.videoHeight > video.videoWidth);
}

function showFault(fault) {
  byId("camera-fault").textContent = fault ? text(fault.key) : "";
}

async function showCameras(camera) {
  const cameras = await camera.list();
  const pairs = cameras.map((device, place) => [
    device.deviceId,
    device.label || text("camera.nameless", { number: place + 1 }),
  ]);
  fillOptions(byId("cameras"), pairs);
  byId("cameras").value = camera.settings.deviceId ?? "";
  byId("camera-choice").hidden = cameras.length < 2;
}

function showAbilities(camera) {
  const { torch, zoom } = camera.abilities;
  byId("torch").hidden = !torch;
  byId("torch").setAttribute("aria-pressed", "false");
  byId("zoom-choice").hidden = !zoom || zoom.min === zoom.max;
  if (!zoom) return;
  const { min, max, step } = zoom;
  Object.assign(byId("zoom"), { min, max, step: step || 0.1, value: camera.settings.zoom ?? min });
}

async function switchTorch(camera) {
  const isOn = byId("torch").getAttribute("aria-pressed") !== "true";
  await camera.adjust({ torch: isOn });
  byId("torch").setAttribute("aria-pressed", String(isOn));
}
