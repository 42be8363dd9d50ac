// The SQL page, put together.

import { byId } from "../elements.js";
import { connectNavigation } from "../navigation.js";
import { counted, number, onLanguage, startTexts, text } from "../texts.js";
import { showHistory, showSaved, showTables } from "./beside.js";
import { drawChart, isDrawable } from "./chart.js";
import { fetchCatalogue, fetchFile, fetchQuestions, runQuery } from "./client.js";
import { connectEditor } from "./editor.js";
import { addToHistory, forgetHistory } from "./history.js";
import { connectSaving } from "./saving.js";
import { makeTable } from "./table.js";

await startTexts();
connectNavigation();

const state = {
  question: null, questions: [], catalogue: { version: 0, tables: [] }, result: null, asked: "", running: null,
  get sql() {
    return editor.sql;
  },
};
const editor = connectEditor(() => state.catalogue.tables, run);

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
byId("stop").addEventListener("click", () => state.running?.abort());
byId("forget").addEventListener("click", () => {
  forgetHistory();
  showEarlier();
});
byId("as-table").addEventListener("click", () => showView(false));
byId("as-chart").addEventListener("click", () => showView(true));
for (const button of document.querySelectorAll("[data-format]")) {
  button.addEventListener("click", () => download(button.dataset.format));
}
connectSaving(state, async (question) => {
  await load();
  show(question);
}, tellFault);
onLanguage(() => {
  show(state.question);
  if (state.result) showResult(state.result);
});

try {
  await load();
  open(new URLSearchParams(location.search));
} catch (error) {
  tellFault(error);
}
showEarlier();
document.documentElement.dataset.ready = ""; // whoever drives the page from outside may begin

async function load() {
  const [{ questions }, catalogue] = await Promise.all([fetchQuestions(), fetchCatalogue()]);
  Object.assign(state, { questions, catalogue });
}

/** Open what the address names: a saved question is run, a query from elsewhere is only shown. */
function open(address) {
  const question = state.questions.find(({ slug }) => slug === address.get("question"));
  if (question) editor.write(question.sql);
  else editor.write(address.get("sql") ?? "");
  show(question ?? null);
  if (question) run();
  else if (address.has("question")) byId("fault").textContent = text("sql.unknown");
}

function show(question) {
  state.question = question;
  byId("question-title").textContent = question?.title ?? text("sql.new");
  byId("question-about").textContent = question?.description ?? "";
  byId("question-about").hidden = !question?.description;
  byId("delete").hidden = !question?.is_mine;
  showSaved(state.questions, question);
  showTables(state.catalogue, (word) => editor.insert(word));
}

function showEarlier() {
  showHistory((sql) => {
    editor.write(sql);
    show(null);
    byId("sql").focus();
  });
}

async function run() {
  const sql = editor.sql;
  if (!sql.trim() || state.running) return;
  state.running = new AbortController();
  waiting(true);
  try {
    state.result = await runQuery(sql, state.running.signal);
    state.asked = sql;
    addToHistory(sql);
    showEarlier();
    showResult(state.result);
    byId("answer").hidden = false;
  } catch (error) {
    if (error.name === "AbortError") byId("said").textContent = text("sql.is_stopped");
    else tellFault(error);
  } finally {
    state.running = null;
    waiting(false);
  }
}

function waiting(isWaiting) {
  byId("run").disabled = isWaiting;
  byId("stop").disabled = !isWaiting;
  byId("answer").setAttribute("aria-busy", String(isWaiting));
  if (isWaiting) {
    byId("fault").textContent = "";
    byId("said").textContent = text("sql.running");
  } else if (byId("said").textContent === text("sql.running")) {
    byId("said").textContent = "";
  }
}

function showResult(result) {
  const rows = result.is_truncated
    ? counted("sql.first_rows", result.row_count)
    : counted("sql.rows", result.row_count);
  const time = text("sql.took", { ms: number(result.elapsed_ms), version: result.version });
  byId("figures").textContent = `${rows} · ${time}`;
  byId("table").replaceChildren(makeTable(result));
  byId("as-chart").disabled = !isDrawable(result);
  const wasChart = byId("as-chart").getAttribute("aria-pressed") === "true";
  showView(wasChart && isDrawable(result));
}

function showView(isChart) {
  byId("as-table").setAttribute("aria-pressed", String(!isChart));
  byId("as-chart").setAttribute("aria-pressed", String(isChart));
  byId("table").hidden = isChart;
  byId("chart").hidden = !isChart;
  if (isChart) drawChart(state.result);
}

async function download(format) {
  try {
    const { blob, rows, isTruncated } = await fetchFile(state.asked, format);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${state.question?.slug ?? "answer"}.${format}`;
    link.click();
    URL.revokeObjectURL(link.href);
    byId("said").textContent = isTruncated
      ? counted("sql.first_rows_saved", rows)
      : counted("sql.rows_saved", rows);
  } catch (error) {
    tellFault(error);
  }
}

function tellFault(error) {
  byId("said").textContent = "";
  const words = { 0: "sql.away", 401: "sql.sign_in" }[error.status];
  byId("fault").textContent = words ? text(words) : error.message;
  if (error.line) editor.point(error.line, error.column);
}
