// The editor: a text area with a list of completions, all of it by the keyboard too.

import { byId, element } from "../elements.js";
import { counted } from "../texts.js";
import { complete } from "./completion.js";

const LEAST_TYPED = 2;

/** Connect the editor; `catalogue()` returns the tables known by now, `run()` asks the query. */
export function connectEditor(catalogue, run) {
  const area = byId("sql");
  const list = byId("completions");
  let offered = { from: 0, words: [] };
  let chosen = -1;

  area.addEventListener("input", () => offer(false));
  area.addEventListener("blur", close);
  area.addEventListener("scroll", close);
  area.addEventListener("click", close);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return taken(event, run);
    if (event.key === " " && event.ctrlKey) return taken(event, () => offer(true));
    if (list.hidden) return undefined;
    if (event.key === "ArrowDown") return taken(event, () => choose(chosen + 1));
    if (event.key === "ArrowUp") return taken(event, () => choose(chosen - 1));
    if (event.key === "Escape") return taken(event, close);
    const isAccepting = event.key === "Tab" || event.key === "Enter";
    if (isAccepting && !event.shiftKey && chosen >= 0) return taken(event, accept);
    if (event.key === "Tab") close();
    return undefined;
  });

  function offer(isAsked) {
    offered = complete(area.value, area.selectionStart, catalogue());
    const typed = area.selectionStart - offered.from;
    const afterDot = area.value[area.selectionStart - 1] === ".";
    if (!offered.words.length || (!isAsked && typed < LEAST_TYPED && !afterDot)) return close();
    list.replaceChildren(...offered.words.map(makeOption));
    list.hidden = false;
    place(area, list, offered.from);
    byId("completions-said").textContent = counted("sql.offered", offered.words.length);
    return choose(isAsked || afterDot ? 0 : -1);
  }

  function makeOption({ word, kind, about }, index) {
    const properties = { id: `completion-${index}`, role: "option", "aria-selected": "false", title: about };
    const option = element("li", properties, element("b", {}, word), " ", element("span", {}, kind));
    option.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the text area keeps the focus
      choose(index);
      accept();
    });
    return option;
  }

  function choose(index) {
    const options = [...list.children];
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = index < 0 ? -1 : index % options.length;
    const option = options[chosen];
    if (!option) return area.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    return area.setAttribute("aria-activedescendant", option.id);
  }

  function accept() {
    const { word } = offered.words[chosen];
    area.setRangeText(word, offered.from, area.selectionStart, "end");
    close();
  }

  function close() {
    list.hidden = true;
    chosen = -1;
    byId("completions-said").textContent = "";
    area.removeAttribute("aria-activedescendant");
  }

  return {
    get sql() {
      return area.value;
    },
    write(sql) {
      area.value = sql;
      close();
    },
    /** Put the caret where a fault is. */
    point(line, column) {
      const before = area.value.split("\n").slice(0, line - 1).join("\n");
      const at = before.length + (line > 1 ? 1 : 0) + column - 1;
      area.focus();
      area.setSelectionRange(at, at);
    },
    insert(word) {
      area.focus();
      area.setRangeText(word, area.selectionStart, area.selectionEnd, "end");
    },
  };
}

function taken(event, act) {
  event.preventDefault();
  act();
}

/** Put the list under the word that it completes; lines do not wrap, and every letter is as wide. */
function place(area, list, from) {
  const style = getComputedStyle(area);
  const before = area.value.slice(0, from).split("\n");
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const left = pen.measureText("0").width * before.at(-1).length + parseFloat(style.paddingLeft);
  const top = parseFloat(style.lineHeight) * before.length + parseFloat(style.paddingTop);
  const most = Math.max(0, area.clientWidth - list.offsetWidth);
  list.style.left = `${Math.max(0, Math.min(left - area.scrollLeft, most))}px`;
  list.style.top = `${Math.min(top - area.scrollTop, area.clientHeight)}px`;
}

