// The camera page: capture or choose a frame, send it, show the answer.

import { grabFrame, startCamera } from "./camera.js";
import { fetchHealth, sendFrame } from "./client.js";
import { showAnswer } from "./gallery.js";

const video = document.getElementById("video");
const button = document.getElementById("capture");
const file = document.getElementById("file");
const status = document.getElementById("status");

function say(text, isFault = false) {
  status.textContent = text;
  status.classList.toggle("fault", isFault);
}

async function diagnose(blob) {
  say("Asking …");
  try {
    showAnswer(blob, await sendFrame(blob));
    say("Recorded.");
  } catch (error) {
    say(error.message, true);
  }
}

button.addEventListener("click", async () => {
  button.disabled = true;
  await diagnose(await grabFrame(video));
  button.disabled = false;
});

file.addEventListener("change", async () => {
  for (const chosen of file.files) await diagnose(chosen);
  file.value = "";
});

fetchHealth().then(
  (health) => {
    document.getElementById("model").textContent = `Model ${health.model}`;
    document.getElementById("notice").textContent = health.notice;
  },
  (error) => say(error.message, true),
);

startCamera(video).then(
  () => { button.disabled = false; say("Hold the lesion inside the circle."); },
  (error) => say(error.message, true),
);
