// The models page: the registry, one model's lineage and verdicts, and what to review next.

import { byId, element, tag } from "../elements.js";
import { connectNavigation } from "../navigation.js";
import { counted, moment, number, onLanguage, startTexts, text } from "../texts.js";
import { connectLineage, dataFacts, factList, lessonList } from "./lineage.js";
import { retrainingItems, ruleTable } from "./retraining.js";
import { fetchConflicts, fetchModel, fetchModels, fetchQueue, fetchRetrainings } from "./server.js";
import { diagnosisName } from "../words.js";
import { verdictTable } from "./verdict.js";

let page = null;
let due = null;
let queue = [];
let conflicts = [];
let chosen = null;

await startTexts();
connectNavigation();
await load();
onLanguage(show);
const trace = connectLineage(choose);
const named = new URLSearchParams(location.search).get("model");
if (named) await choose(named);
document.documentElement.dataset.ready = "";

async function load() {
  try {
    page = await fetchModels();
    due = await fetchRetrainings();
    queue = (await fetchQueue()).captures;
    conflicts = (await fetchConflicts()).lesions;
  } catch (error) {
    byId("fault").textContent = error.message || text("models.away");
  }
}

function show() {
  if (!page) return;
  if (due) showDue(due);
  byId("looks").textContent = counted("models.looks", page.validation_looks);
  byId("registry").replaceChildren(...page.models.map(modelItem));
  byId("history").replaceChildren(...page.champion_history.toReversed().map(moveItem));
  byId("queue").replaceChildren(...queue.map(queueItem));
  if (!queue.length) byId("queue").append(element("li", {}, text("models.queue_empty")));
  byId("conflicts-title").hidden = conflicts.length === 0;
  byId("conflicts").replaceChildren(...conflicts.map(conflictItem));
  if (chosen) showModel();
}

function showDue({ is_current: isCurrent, rules, retrainings }) {
  const isDue = rules.some(({ fired }) => fired);
  byId("due").textContent = text(!isCurrent ? "rule.stale" : isDue ? "rule.due" : "rule.not_due");
  byId("rules").replaceChildren(ruleTable(rules));
  byId("retrainings").replaceChildren(...retrainingItems(retrainings));
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
  byId("lineage").replaceChildren(factList([
    ["models.parent", summary.parent_model_id ?? "–"],
    ["models.lessons", number(summary.train_images)],
    ...dataFacts(data),
  ]), data.is_here ? lessonList(summary.model_id, (id) => trace(id)) : "");
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

function conflictItem({ lesion_id: lesion, words, label }) {
  const said = Object.entries(words).map(([code, count]) => `${diagnosisName(code)} ${number(count)}`);
  const counts = label ? text("conflict.label", { diagnosis: diagnosisName(label) }) : text("conflict.open");
  return element("li", {}, element("strong", {}, lesion), element("span", {}, said.join(" · ")), element("small", {}, counts));
}
