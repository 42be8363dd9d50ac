// The shutter: by button or by key, one frame at a time.

import { isDialogOpen } from "./dialogs.js";
import { byId } from "./elements.js";

const KEYS = [" ", "Enter"];
const BUSY = "input, select, textarea, button, a, summary, label";

export function connectShutter({ camera, live, send }) {
  const shutter = byId("capture");

  async function capture() {
    if (!camera.isOn || shutter.classList.contains("is-busy")) return;
    shutter.classList.add("is-busy");
    live.stop();
    try {
      await send(await camera.grab(), "frame.jpg");
    } finally {
      shutter.classList.remove("is-busy");
    }
  }

  shutter.addEventListener("click", capture);
  document.addEventListener("keydown", (event) => {
    // A key that something else on the page is waiting for is not ours.
    const isOurs = KEYS.includes(event.key) && !event.repeat && !isDialogOpen();
    if (!isOurs || event.target.closest(BUSY)) return;
    event.preventDefault();
    capture();
  });
}
