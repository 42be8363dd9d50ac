// The status page: asks the server how it is every few seconds while somebody looks.

import { byId, element, tag } from "./elements.js";
import { connectNavigation } from "./navigation.js";
import { moment, number, onLanguage, startTexts, text } from "./texts.js";
import { modelName } from "./words.js";

const EVERY_MS = 5000;
const OUTCOMES = { done: ["is-well", "likely"], failed: ["is-ill", "malignant"], running: ["is-going", "clock"] };

let last = null;

await startTexts();
connectNavigation();
onLanguage(() => last && show(last));
watch();

async function watch() {
  for (;;) {
    if (!document.hidden) await ask();
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}

async function ask() {
  const status = await fetchStatus();
  byId("fault").textContent = status ? "" : text("status.away");
  if (status) show((last = status));
  document.documentElement.dataset.ready = "";
}

/** Return how the server is, or null where it cannot be reached or does not say. */
async function fetchStatus() {
  try {
    const answer = await fetch("/app/status");
    if (answer.ok) return await answer.json();
    console.info(answer.status);
  } catch (error) {
    console.info(error);
  }
  return null;
}

function show(status) {
  const { is_ready: isReady, checks } = status.readiness;
  byId("state").replaceChildren(wellTag(isReady, text(isReady ? "status.ready" : "status.not_ready")));
  byId("since").textContent = text("status.since", { moment: moment(status.started_at) });
  byId("checks").replaceChildren(...checks.map(checkLine));
  byId("models").replaceChildren(...status.models.filter(({ model, fault }) => model || fault).map(modelLine));
  showNumbers("queue", queueNumbers(status));
  showNumbers("store", storeNumbers(status));
  showBuilds(status.warehouse);
}

const wellTag = (isWell, words) => tag(isWell ? "is-well" : "is-ill", isWell ? "likely" : "malignant", words);

/** The server's own sentences are English, whatever the page's language. */
const own = (words) => element("small", { lang: "en" }, words);

function checkLine({ name, is_well: isWell, word }) {
  return element("li", {}, wellTag(isWell, text(`check.${name}`)), own(word));
}

function modelLine({ alias, model, since, fault }) {
  return element("li", {},
    element("strong", {}, text(`alias.${alias}`)),
    model ? element("span", {}, modelName(model)) : null,
    since ? element("small", {}, text("status.since", { moment: moment(since) })) : null,
    fault ? element("small", { class: "ill", lang: "en" }, fault) : null);
}

function queueNumbers({ queue, shadow }) {
  const refused = Object.values(queue.refused).reduce((all, count) => all + count, 0);
  return [
    ["status.in_hand", text("status.of", { count: number(queue.in_hand), all: number(queue.places) })],
    ["status.refused", number(refused)],
    ["status.shadow_recorded", number(shadow.recorded)],
    ["status.shadow_dropped", number(shadow.dropped + shadow.failed)],
  ];
}

function storeNumbers({ store, warehouse }) {
  return [
    ["status.store_size", store.bytes === null ? text("status.elsewhere") : megabytes(store.bytes)],
    ["status.version", warehouse.version === null ? text("status.none") : number(warehouse.version)],
    ["status.published", warehouse.published_at ? moment(warehouse.published_at) : text("status.none")],
    ["status.versions", text("status.versions_size", { count: number(warehouse.versions), size: megabytes(warehouse.bytes) })],
    ["status.free", megabytes(store.free_bytes)],
  ];
}

const megabytes = (bytes) => text("status.megabytes", { size: number(bytes / 2 ** 20, bytes < 10 * 2 ** 20 ? 1 : 0) });

function showNumbers(id, pairs) {
  const cells = pairs.flatMap(([key, value]) => [element("dt", {}, text(key)), element("dd", {}, value)]);
  byId(id).replaceChildren(...cells);
}

function showBuilds({ builds, refreshed_by_server: isRefreshed, fault }) {
  byId("builds-note").textContent = text(isRefreshed ? "status.refreshed" : "status.not_refreshed");
  const ill = fault ? element("li", {}, element("pre", { lang: "en" }, fault)) : null;
  byId("builds").replaceChildren(...[ill, ...builds.map(buildLine)].filter(Boolean));
}

function buildLine(build) {
  const [kind, icon] = OUTCOMES[build.outcome];
  const facts = [
    build.version === null ? null : element("strong", {}, text("status.version_number", { number: number(build.version) })),
    element("span", {}, moment(build.started_at)),
    element("span", {}, text(`reason.${build.reason}`)),
    build.seconds === null ? null : element("span", {}, text("status.seconds", { seconds: number(build.seconds) })),
    build.tests === null ? null : element("span", {}, text("status.tests", { count: number(build.tests) })),
  ];
  return element("li", { "data-outcome": build.outcome },
    element("div", { class: "build-line" }, tag(kind, icon, text(`outcome.${build.outcome}`)), ...facts.filter(Boolean)),
    build.message ? element("pre", { lang: "en" }, build.message) : null);
}
