// The dashboards, put together: the address says which one and for what, the rest follows.

import { byId, element } from "../elements.js";
import { connectNavigation } from "../navigation.js";
import { moment, number, onLanguage, percent, startTexts, text } from "../texts.js";
import { Card } from "./card.js";
import { loadVega } from "./drawing.js";
import { showFilters } from "./filters.js";
import { boardAddress, go, here, onPlace, toggle } from "./place.js";
import { fetchBoards, fetchChart, fetchFigures, fetchJson } from "./server.js";

// Which chart's rows tell the codes that there are to filter for.
const CODES_OF = {
  diagnosis_code: "lesions_by_diagnosis",
  localization_code: "case_share_by_site",
  age_band: "case_share_by_age",
  sex_code: "case_share_by_sex",
  source_code: "case_share_by_source",
  confirmation_code: "case_share_by_confirmation",
};
const QUANTITIES = ["brightness", "sharpness", "lesion_share", "age_band", "sex", "localization", "diagnosis", "decision"];

const dark = matchMedia("(prefers-color-scheme: dark)");
let shown = { board: null, cards: [] };
let language = "en";
let turn = Promise.resolve();
let boards = [];
let hasConsole = false;
let vega = null;

await startTexts();
await connectNavigation();
await load().then(start, tellFault);

async function load() {
  const [answer, pages] = await Promise.all([fetchBoards(), fetchJson("/app/pages")]);
  boards = answer.boards;
  hasConsole = pages.some((page) => page.name === "sql");
  vega = await loadVega(answer.script);
}

function start() {
  onLanguage((chosen) => {
    language = chosen;
    shown.board = null; // every word of the cards is made anew
    refresh();
  });
  onPlace(refresh);
  dark.addEventListener("change", refresh);
}

function tellFault(error) {
  byId("fault").textContent = text("analytics.failed", { why: error.message });
  byId("fault").hidden = false;
}

/** Show what the address says, one change after the other. */
function refresh() {
  turn = turn.then(showPlace);
}

async function showPlace() {
  const { board, filters } = here();
  const entry = boards.find(({ name }) => name === board) ?? boards[0];
  // What nothing here is filtered for changes nothing, wherever the address came from.
  const used = Object.fromEntries(Object.entries(filters).filter(([name]) => entry.filters.includes(name)));
  const query = new URLSearchParams({ ...used, theme: dark.matches ? "dark" : "light", language });
  document.documentElement.removeAttribute("data-ready");
  if (shown.board !== entry.name) changeBoard(entry);
  await Promise.all([
    showNumbers(entry, query),
    listCodes(entry).then((codes) => showFilters(entry.filters, codes)),
    ...shown.cards.map((card) => card.show(query)),
  ]);
  document.documentElement.dataset.ready = ""; // whoever drives the page from outside may begin
}

function changeBoard(entry) {
  for (const card of shown.cards) card.clear();
  const onPick = (filter, value) => toggle(filter, value);
  shown = { board: entry.name, cards: entry.charts.map((name) => new Card(name, { vega, onPick, hasConsole, filters: entry.filters })) };
  byId("board-title").textContent = text(`board.${entry.name}`);
  document.title = `Dermhouse · ${text(`board.${entry.name}`)}`;
  byId("charts").replaceChildren(...shown.cards.map((card) => card.node));
  byId("boards").replaceChildren(...boards.map(({ name }) => makeTab(name, entry.name)));
  byId("boards").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
}

function makeTab(name, current) {
  const onclick = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab is the browser's
    event.preventDefault();
    go(name);
  };
  const mark = name === current ? { "aria-current": "page" } : {};
  return element("a", { href: boardAddress(name), onclick, ...mark }, text(`board.${name}`));
}

async function showNumbers(entry, query) {
  try {
    const { figures, version, built_at: at } = await fetchFigures(entry.name, query);
    byId("figures").replaceChildren(...figures.map(makeFigure));
    byId("version").textContent = text("analytics.version", { version, at: at ? moment(at) : "–" });
    byId("fault").hidden = true;
  } catch (error) {
    tellFault(error);
  }
}

function makeFigure({ figure, value, of_all: all }) {
  const share = all ? element("small", {}, ` ${text("analytics.of_all", { share: percent(value / all), all: number(all) })}`) : null;
  return element("div", { "data-figure": figure, "data-value": value },
    element("dt", {}, text(`figure.${figure}`)), element("dd", {}, number(value), share));
}

/** Every model there is: one that was judged on another data set stands in no common chart. */
async function listModels() {
  const { models } = await fetchJson("/models/").catch(() => ({ models: [] }));
  return models.map((model) => model.model_id);
}

/** The codes that occur at all, each from the chart that lists them, without any filter. */
async function listCodes({ filters }) {
  const codes = { quantity: QUANTITIES };
  if (filters.includes("model_id")) codes.model_id = await listModels();
  await Promise.all(filters.filter((name) => name in CODES_OF).map(async (name) => {
    const { rows } = await fetchChart(CODES_OF[name], "").catch(() => ({ rows: [] }));
    codes[name] = [...new Set(rows.map((row) => row[name]))];
  }));
  return codes;
}
