// The gallery: captures of this visit and earlier kept ones, filtered, picked two by two.

import { makeCard } from "./card.js";
import { passes } from "./captures.js";
import { byId, fillOptions } from "./elements.js";
import { faultSentence } from "./faults.js";
import { counted, onLanguage, text } from "./texts.js";
import { decisionName, diagnosisName } from "./words.js";

const DECISIONS = ["likely", "uncertain", "not_assessable"];
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Shows `captures`; `open(key)` and `compare(left, right)` are told what the person wants. */
export class Gallery {
  cards = new Map();
  picked = [];
  hasAskedEarlier = false;

  constructor(captures, diagnoses, { open, compare }) {
    Object.assign(this, { captures, diagnoses, open, compare });
    captures.addEventListener("change", () => this.show());
    byId("filter").addEventListener("change", () => this.refilter());
    byId("earlier").addEventListener("click", () => this.loadEarlier());
    byId("compare").addEventListener("click", () => {
      this.compare(...this.picked.map((key) => captures.get(key)));
    });
    byId("gallery").addEventListener("keydown", (event) => this.move(event));
    onLanguage(() => {
      this.fillFilter();
      this.cards.clear();
      this.show();
    });
  }

  get filter() {
    return Object.fromEntries(new FormData(byId("filter")));
  }

  /** The captures that are shown, newest first. */
  get visible() {
    return this.captures.all.filter((capture) => passes(capture, this.filter));
  }

  show() {
    const { visible } = this;
    const all = this.captures.all;
    this.picked = this.picked.filter((key) => this.captures.get(key));
    const cards = visible.map((capture) => this.cardOf(capture));
    place(byId("gallery"), cards);
    byId("filter").hidden = all.length === 0;
    byId("captures-empty").hidden = visible.length > 0;
    byId("captures-empty").textContent = text(all.length ? "gallery.none_fits" : "gallery.empty");
    byId("captures-count").textContent = all.length ? counted("gallery.count", visible.length) : "";
    byId("compare").disabled = this.picked.length !== 2;
    byId("compare").hidden = all.length < 2;
    byId("compare-words").textContent = text("compare.button", { count: this.picked.length });
  }

  cardOf(capture) {
    let card = this.cards.get(capture.key);
    if (!card) {
      card = makeCard(capture, (key) => this.open(key), (key) => this.pick(key));
      this.cards.set(capture.key, card);
    }
    card.show(capture, this.picked.includes(capture.key));
    return card.element;
  }

  /** Tick or untick; of three the one ticked first gives way. */
  pick(key) {
    const others = this.picked.filter((other) => other !== key);
    this.picked = others.length < this.picked.length ? others : [...others, key].slice(-2);
    this.show();
  }

  move(event) {
    const openers = [...byId("gallery").querySelectorAll(".card-open")];
    const at = openers.indexOf(document.activeElement);
    if (at < 0) return;
    const ends = { Home: 0, End: openers.length - 1 };
    const to = ends[event.key] ?? at + (STEPS[event.key] ?? NaN);
    if (!openers[to]) return;
    event.preventDefault();
    openers[to].focus();
  }

  async refilter() {
    this.captures.rewind();
    this.show();
    if (this.hasAskedEarlier) await this.loadEarlier();
  }

  async loadEarlier() {
    this.hasAskedEarlier = true;
    const button = byId("earlier");
    button.disabled = true;
    try {
      const hasMore = await this.captures.loadEarlier(this.filter);
      button.hidden = !hasMore;
    } catch (error) {
      byId("captures-count").textContent = faultSentence(error);
    }
    button.disabled = false;
  }

  fillFilter() {
    const { diagnosis, decision, reviewed } = byId("filter").elements;
    const all = ["", text("filter.all")];
    fillOptions(diagnosis, [all, ...this.diagnoses.map(({ code }) => [code, diagnosisName(code)])]);
    fillOptions(decision, [all, ...DECISIONS.map((code) => [code, decisionName(code)])]);
    fillOptions(reviewed, [all, ["true", text("filter.reviewed_yes")], ["false", text("filter.reviewed_no")]]);
  }
}

/** Put elements in order; those that stand right are not touched, so that focus stays. */
function place(list, wanted) {
  for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, at) => {
    if (list.children[at] !== child) list.insertBefore(child, list.children[at] ?? null);
  });
}
