// A quick chart of a result: one bar a row, as an SVG made by hand.

import { byId, fillOptions } from "../elements.js";
import { counted, number, text } from "../texts.js";
import { isNumber } from "./table.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_BARS = 40;
const BAR = 26;
const LABELS = 220;
const BARS = 420;
const FIGURES = 90;
const LONGEST_LABEL = 30;

/** Return whether there is anything to draw: at least one column of numbers. */
export const isDrawable = ({ types, rows }) => types.some(isNumber) && rows.length > 0;

/** Draw a result; by default its first column that is no number, against its first that is. */
export function drawChart(result) {
  const places = result.columns.map((name, at) => [String(at), name]);
  fillOptions(byId("chart-by"), places);
  fillOptions(byId("chart-of"), places.filter(([at]) => isNumber(result.types[at])));
  const label = result.types.findIndex((type) => !isNumber(type));
  byId("chart-by").value = String(Math.max(label, 0));
  byId("chart-of").value = String(result.types.findLastIndex(isNumber));
  for (const id of ["chart-by", "chart-of"]) byId(id).onchange = () => draw(result);
  draw(result);
}

function draw({ columns, rows }) {
  const by = Number(byId("chart-by").value);
  const of = Number(byId("chart-of").value);
  const bars = rows.slice(0, MOST_BARS).map((row) => ({ label: String(row[by] ?? "–"), value: Number(row[of] ?? NaN) }));
  const title = text("sql.chart_title", { of: columns[of], by: columns[by] });
  byId("drawing").replaceChildren(makeDrawing(bars, title));
  const left = rows.length - bars.length;
  byId("chart-note").textContent = left > 0 ? counted("sql.chart_left_out", left) : "";
}

function makeDrawing(bars, title) {
  const values = bars.map(({ value }) => value).filter(Number.isFinite);
  const least = Math.min(0, ...values);
  const span = Math.max(0, ...values) - least || 1;
  const height = bars.length * BAR;
  const drawing = make("svg", { viewBox: `0 0 ${LABELS + BARS + FIGURES} ${height}`, role: "img", "aria-label": title });
  const zero = LABELS + (-least / span) * BARS;
  bars.forEach(({ label, value }, at) => {
    const middle = at * BAR + BAR / 2;
    const short = label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
    drawing.append(write(short, { x: LABELS - 8, y: middle, class: "label" }));
    if (!Number.isFinite(value)) return;
    const width = (Math.abs(value) / span) * BARS;
    drawing.append(make("rect", { x: value < 0 ? zero - width : zero, y: at * BAR + 4, width, height: BAR - 8, rx: 2 }));
    const digits = Number.isInteger(value) ? 0 : 3;
    drawing.append(write(number(value, digits), { x: Math.max(zero, zero + Math.sign(value) * width) + 6, y: middle, class: "figure" }));
  });
  return drawing;
}

function make(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function write(words, attributes) {
  const made = make("text", attributes);
  made.textContent = words;
  return made;
}
