// Files, chosen or dropped anywhere on the page: the equal path where there is no camera.

import { byId } from "./elements.js";

export function connectDrop(send) {
  const file = byId("file");
  file.addEventListener("change", async () => {
    const chosen = [...file.files];
    file.value = ""; // so that the same file can be chosen again
    await sendAll(chosen, send);
  });
  const stage = byId("stage");
  const mark = (isOver) => stage.classList.toggle("is-dropping", isOver);
  document.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.items].some((item) => item.kind === "file")) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? mark(false));
  document.addEventListener("drop", async (event) => {
    mark(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    await sendAll([...event.dataTransfer.files], send);
  });
}

/** All at once: each goes with what is entered now, not with what is by the time its turn comes. */
function sendAll(files, send) {
  return Promise.all(files.map((file) => send(file, file.name)));
}
