// Lineage: from an answer back to what it came from, and from an image on to models and answers.

import { byId, element, tag } from "../elements.js";
import { counted, moment, number, onLanguage, text } from "../texts.js";
import { diagnosisName } from "../words.js";
import { fetchImages, fetchOrigin, fetchUses } from "./server.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i; // an answer's id; no image is named so
const NAME = "trace";
const SPLITS = ["train", "tune", "validation"];

/** Connect the form; `open(modelId)` shows one model. What the address names is traced at once. */
export function connectLineage(open) {
  const form = byId("trace");
  let redraw = () => {};

  async function trace(id) {
    form.elements.id.value = id;
    history.replaceState(null, "", `?${new URLSearchParams({ [NAME]: id })}`);
    try {
      const isAnswer = UUID.test(id);
      const told = await (isAnswer ? fetchOrigin(id) : fetchUses(id));
      redraw = () => show(isAnswer ? originOf(told, open, trace) : usesOf(told, open, trace));
    } catch (error) {
      redraw = () => show([element("p", { class: "note", lang: "en" }, error.message)]);
    }
    redraw();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    trace(form.elements.id.value.trim());
  });
  onLanguage(() => redraw());
  const wanted = new URLSearchParams(location.search).get(NAME);
  if (wanted) trace(wanted);
  return trace;
}

const show = (parts) => byId("traced").replaceChildren(...parts);

const link = (words, onclick) => element("button", { type: "button", class: "link", onclick }, words);

function originOf({ image_id: imageId, model, data }, open, trace) {
  const frame = imageId ? link(imageId, () => trace(imageId)) : text("lineage.not_kept");
  return [factList([
    ["models.model", link(model.model_id, () => open(model.model_id))],
    ["lineage.frame", frame],
    ...dataFacts(data),
  ])];
}

function usesOf(uses, open, trace) {
  if (!uses.length) return [element("p", { class: "note" }, text("lineage.unseen"))];
  return [element("ul", { class: "registry" }, uses.map((use) => element("li", {},
    element("div", { class: "head" }, link(use.model_id, () => open(use.model_id)),
      tag(use.is_lesson ? "is-going" : "is-well", use.is_lesson ? "review" : "likely",
        text(use.is_lesson ? "lineage.lesson" : `lineage.${use.split}`))),
    element("small", {}, counted("lineage.answers", use.answers)),
    use.newest_answers.map((id) => link(id, () => trace(id))))))];
}

/** Say what a version is made of: its build, its images by split, the loads they came by. */
export function dataFacts({ version, build, images, loads }) {
  return [
    ["models.version", number(version)],
    ...(build ? [["lineage.build", `${text(`reason.${build.reason}`)}, ${moment(build.started_at)}`]] : []),
    ...SPLITS.filter((split) => split in images).map((split) => [`models.split.${split}`, number(images[split])]),
    ...loads.map((load) => ["models.load", `${load.loaded_from ?? load.load_id}: ${number(load.images)}`]),
  ];
}

export function factList(facts) {
  return element("dl", { class: "numbers" }, facts.flatMap(([key, value]) => [
    element("dt", {}, text(key)), element("dd", {}, value)]));
}

/** Return what unfolds the images a model learnt from, a page at a time. */
export function lessonList(modelId, trace) {
  const list = element("ul", { class: "lessons" });
  const more = element("button", { type: "button", class: "quiet" }, text("lineage.more"));
  let after = "";

  async function load() {
    const { images } = await fetchImages(modelId, after);
    after = images.at(-1)?.image_id ?? after;
    more.hidden = images.length === 0;
    list.append(...images.map((image) => element("li", {},
      link(image.image_id, () => trace(image.image_id)),
      element("small", {}, diagnosisName(image.diagnosis_code)),
      image.is_lesson ? null : element("small", {}, text("lineage.left_out")))));
  }

  more.addEventListener("click", load);
  const ontoggle = ({ target }) => target.open && !list.children.length && load();
  return element("details", { ontoggle }, element("summary", {}, text("lineage.images")), list, more);
}
