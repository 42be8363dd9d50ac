// A result as a table.

import { element } from "../elements.js";

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DECIMAL|DOUBLE|FLOAT)\b/;

export const isNumber = (type) => NUMERIC.test(type);

export function makeTable({ columns, types, rows }) {
  const numbers = types.map(isNumber);
  const heads = columns.map((name, at) =>
    element("th", { scope: "col", class: numbers[at] ? "number" : "" }, name, " ",
      element("small", {}, types[at].toLowerCase())));
  const lines = rows.map((row) => element("tr", {}, row.map((value, at) =>
    element("td", { class: numbers[at] ? "number" : "" }, shown(value)))));
  return element("table", {},
    element("thead", {}, element("tr", {}, heads)), element("tbody", {}, lines));
}

/** A missing value is not the same as an empty text. */
function shown(value) {
  if (value === null) return element("span", { class: "null" }, "null");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
