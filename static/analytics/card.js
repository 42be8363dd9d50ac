// One chart on its card: what it says, the picture, and everything behind it one click away.

import { element } from "../elements.js";
import { number, text } from "../texts.js";
import { draw } from "./drawing.js";
import { fetchChart, fileAddress } from "./server.js";

const FILES = ["data.csv", "data.parquet", "picture.svg", "picture.png"];

export class Card {
  constructor(name, { vega, onPick, hasConsole, filters }) {
    this.name = name;
    this.vega = vega;
    this.onPick = onPick;
    this.filters = filters;
    this.hasConsole = hasConsole;
    this.clear = () => {};
    this.asked = 0;
    this.picture = element("div", { class: "chart-picture", role: "img" });
    this.actions = element("div", { class: "chart-actions" });
    this.node = element("article", { class: "chart-card", "data-chart": name },
      element("h3", { id: `title-${name}` }, text(`chart.${name}`)),
      element("p", { class: "about" }, text(`about.${name}`)),
      this.picture,
      this.actions);
    this.node.setAttribute("aria-labelledby", `title-${name}`);
    this.picture.setAttribute("aria-label", text(`about.${name}`));
  }

  /** Ask and draw anew; an answer that comes after a newer question is dropped. */
  async show(query) {
    const asked = ++this.asked;
    this.picture.classList.add("is-asking");
    try {
      const answer = await fetchChart(this.name, query);
      if (asked !== this.asked) return;
      await this.fill(answer, query);
    } catch (error) {
      if (asked === this.asked) this.tell(text("analytics.failed", { why: error.message }));
    } finally {
      if (asked === this.asked) this.picture.classList.remove("is-asking");
    }
  }

  async fill(answer, query) {
    this.node.dataset.rows = answer.rows.length;
    this.actions.replaceChildren(
      this.makeTable(answer), this.makeSql(answer.sql), ...this.makeFiles(query));
    if (!answer.rows.length) {
      this.tell(text(`empty.${emptyKind(this.name)}`));
      return;
    }
    this.clear();
    // A click that filters nothing else here is not offered.
    const picks = this.filters.includes(answer.picks) ? answer.picks : null;
    this.picture.classList.toggle("is-clickable", Boolean(picks));
    const pick = picks && ((datum) => datum[picks] && this.onPick(picks, datum[picks]));
    this.clear = await draw(this.vega, this.picture, answer, pick);
  }

  tell(sentence) {
    this.clear();
    this.clear = () => {};
    this.picture.replaceChildren(element("p", { class: "chart-empty" }, sentence));
  }

  makeTable({ rows, columns }) {
    const said = (row, column) => row[`${column}_said`] ?? row[column];
    const cell = (value) => {
      const isNumber = typeof value === "number";
      const digits = isNumber && !Number.isInteger(value) ? 3 : 0;
      return element("td", isNumber ? { class: "is-number" } : {}, isNumber ? number(value, digits) : String(value ?? "–"));
    };
    const table = element("table", {},
      element("thead", {}, element("tr", {}, columns.map((c) => element("th", { scope: "col" }, text(`axis.${c}`))))),
      element("tbody", {}, rows.map((row) => element("tr", {}, columns.map((c) => cell(said(row, c)))))));
    return element("details", {}, element("summary", {}, text("analytics.table")),
      element("div", { class: "chart-table", tabIndex: 0, role: "region", "aria-label": text(`chart.${this.name}`) }, table));
  }

  makeSql(sql) {
    const open = this.hasConsole
      ? element("a", { href: `/sql?${new URLSearchParams({ sql })}` }, text("analytics.open_sql"))
      : null;
    return element("details", {}, element("summary", {}, text("analytics.sql")),
      element("pre", { tabIndex: 0 }, sql), open);
  }

  makeFiles(query) {
    return FILES.map((file) => element("a", {
      href: fileAddress(this.name, file, query),
      download: `${this.name}.${file.split(".")[1]}`,
      "aria-label": `${text(`chart.${this.name}`)}: ${file.split(".")[1].toUpperCase()}`,
    }, file.split(".")[1].toUpperCase()));
  }
}

/** Which sentence fits a chart without rows: there are no images, models, answers or reviews yet. */
function emptyKind(name) {
  if (name.startsWith("review")) return "reviews";
  if (name.startsWith("drift")) return "drift";
  if (["performance_of_models", "recall_by_diagnosis", "calibration", "confusion", "subgroups"].includes(name)) return "models";
  if (name === "capture_quality") return "measures";
  if (name === "quality_checks") return "checks";
  if (name === "source_disagreements") return "disagreements";
  if (name.endsWith("_by_day") || name === "answers_mix") return "answers";
  return "images";
}
