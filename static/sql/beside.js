// What stands beside the editor: saved questions, the tables that can be asked, earlier queries.

import { byId, element } from "../elements.js";
import { text } from "../texts.js";
import { listHistory } from "./history.js";

const SHORT = 90;

export function showSaved(questions, current) {
  byId("saved").replaceChildren(...questions.map((one) => {
    const here = one.slug === current?.slug ? { "aria-current": "true" } : {};
    const by = one.author ? element("small", {}, ` ${text("sql.by", { name: one.author })}`) : "";
    return element("li", {}, element("a", { href: addressOf(one), title: one.description, ...here }, one.title), by);
  }));
}

export const addressOf = ({ slug }) => `/sql?question=${slug}`;

/** Show each table; a column's name is written into the query by a press. */
export function showTables(catalogue, insert) {
  byId("version").textContent = text("sql.version", { version: catalogue.version });
  byId("tables").replaceChildren(...catalogue.tables.map(({ name, description, columns }) =>
    element("li", {}, element("details", {},
      element("summary", {}, name),
      element("p", { class: "note" }, description),
      element("ul", {}, columns.map((column) => element("li", { title: column.description },
        element("button", { class: "word", type: "button", onclick: () => insert(column.name) }, column.name),
        element("small", {}, ` ${column.type.toLowerCase()}`))))))));
}

export function showHistory(write) {
  byId("history").replaceChildren(...listHistory().map((sql) => {
    const line = sql.replace(/\s+/g, " ").trim();
    const short = line.length > SHORT ? `${line.slice(0, SHORT)} …` : line;
    return element("li", {},
      element("button", { class: "word", type: "button", title: sql, onclick: () => write(sql) }, short));
  }));
}
