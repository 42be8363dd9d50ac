// The models page: the registry, one model's lineage and verdicts, and what to review next.

import { byId, element, tag } from "../elements.js";
import { connectNavigation } from "../navigation.js";
import { counted, moment, number, onLanguage, startTexts, text } from "../texts.js";
import { fetchModel, fetchModels, fetchQueue } from "./server.js";
import { verdictTable } from "./verdict.js";

let page = null;
let queue = [];
let chosen = null;

await startTexts();
connectNavigation();
await load();
onLanguage(show);
document.documentElement.dataset.ready = "";

async function load() {
  try {
    page = await fetchModels();
    queue = (await fetchQueue()).captures;
  } catch (error) {
    byId("fault").textContent = error.message || text("models.away");
  }
}

function show() {
  if (!page) return;
  byId("looks").textContent = counted("models.looks", page.validation_looks);
  byId("registry").replaceChildren(...page.models.map(modelItem));
  byId("history").replaceChildren(...page.champion_history.toReversed().map(moveItem));
  byId("queue").replaceChildren(...queue.map(queueItem));
  if (!queue.length) byId("queue").append(element("li", {}, text("models.queue_empty")));
  if (chosen) showModel();
}

function modelItem(model) {
  return element("li", {},
    element("div", { class: "head" },
      element("button", { type: "button", class: "quiet", onclick: () => choose(model.model_id) }, model.model_id),
      model.aliases.map((alias) => tag("is-well", "likely", text(`alias.${alias}`))),
      model.failing?.length ? tag("is-ill", "malignant", text("models.failing", { count: number(model.failing.length) })) : null),
    element("div", { class: "figures" }, model.figures.map(figureWords)),
    element("small", {}, text("models.made", { moment: moment(model.created_at), version: number(model.warehouse_version) }),
      " ", element("span", { lang: "en" }, model.reason ?? "")));
}

function figureWords({ metric, value, low, high }) {
  const interval = low === null ? "" : ` [${number(low, 3)}, ${number(high, 3)}]`;
  return element("span", {}, `${text(`models.metric.${metric}`)} ${number(value, 3)}${interval}`);
}

async function choose(id) {
  try {
    chosen = await fetchModel(id);
  } catch (error) {
    byId("fault").textContent = error.message;
    return;
  }
  showModel();
  byId("about-title").focus();
}

function showModel() {
  const { summary, data, verdicts, notes } = chosen;
  byId("about").hidden = false;
  byId("about-title").textContent = summary.model_id;
  const facts = [
    ["models.parent", summary.parent_model_id ?? "–"],
    ["models.version", number(data.version)],
    ["models.lessons", number(summary.train_images)],
    ...Object.entries(data.images).map(([split, count]) => [`models.split.${split}`, number(count)]),
    ...data.loads.map((load) => ["models.load", `${load.loaded_from ?? load.load_id}: ${number(load.images)}`]),
  ];
  byId("lineage").replaceChildren(...facts.flatMap(([key, value]) => [
    element("dt", {}, text(key)), element("dd", {}, value)]));
  byId("verdicts").replaceChildren(...verdicts.map(verdictTable));
  byId("notes").replaceChildren(...notes.map((note) => element("li", {},
    element("span", {}, note.note), element("small", {}, `${note.noted_by}, ${moment(note.noted_at)}`))));
}

function moveItem(move) {
  return element("li", {}, element("div", { class: "build-line" },
    element("strong", {}, move.model_id),
    element("span", {}, text(`models.move.${move.reason}`)),
    element("span", {}, moment(move.changed_at)),
    element("span", {}, move.changed_by)));
}

function queueItem(item) {
  return element("li", {},
    element("img", { src: item.image_url, alt: text("models.queue_alt"), loading: "lazy" }),
    element("span", {}, text("models.uncertain", { share: number(item.uncertainty, 2) })));
}
