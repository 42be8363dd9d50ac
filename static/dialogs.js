// Dialogs: Escape, the cross and a press beside them close; focus goes back where it was.

import { byId } from "./elements.js";

export function connectDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    });
  }
}

export const isDialogOpen = () => document.querySelector("dialog[open]") !== null;

/** Ask before something is deleted; resolve to whether it shall be. */
export function confirmDelete() {
  const dialog = byId("confirm");
  dialog.returnValue = "no"; // what Escape leaves behind
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
