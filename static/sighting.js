// Which lesion a capture shows, as a person states it: captures of one lesion share its label.

import { RefusedError, stateLesion } from "./client.js";
import { element, fillOptions } from "./elements.js";
import { faultSentence } from "./faults.js";
import { text } from "./texts.js";

const WAYS = ["lesion_id", "image_id"]; // as the server takes them

/** Return a form that states the lesion of a kept capture. */
export function makeSighting(capture) {
  const way = element("select", { name: "way" });
  fillOptions(way, WAYS.map((name) => [name, text(`lesion.${name}`)]));
  const name = element("input", { name: "name", type: "text", required: true, maxLength: 80, autocomplete: "off" });
  const said = element("p", { class: "said", role: "status" });

  async function send(event) {
    event.preventDefault();
    try {
      const { lesion_id: lesion } = await stateLesion(capture.captureId, { [way.value]: name.value.trim() });
      said.textContent = text("lesion.done", { lesion });
    } catch (error) {
      // What is refused here is a name, and the server says which and why.
      said.textContent = error instanceof RefusedError ? error.message : faultSentence(error);
    }
  }

  const form = element("form", { class: "review", onsubmit: send },
    element("div", { class: "fields" }, field("lesion.way", way), field("lesion.name", name)),
    element("p", { class: "note" }, text("lesion.note")),
    element("button", { class: "quiet" }, text("lesion.send")));
  return element("section", { class: "part" }, element("h3", {}, text("lesion.title")), form, said);
}

function field(key, control) {
  return element("label", { class: "field" }, element("span", {}, text(key)), control);
}
