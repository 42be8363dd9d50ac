// Every word on the page comes from here: one catalogue a language, chosen by the browser or by hand.

import { recall, remember } from "./preferences.js";

export const LANGUAGES = ["en", "es"];

const listeners = [];
let catalogue = {};
let language = LANGUAGES[0];
let plural = new Intl.PluralRules(language);

/** Return one text, with its {names} filled in. */
export function text(key, values = {}) {
  const found = catalogue[key] ?? key;
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Return the text for this many things: `key.one` or `key.other`. */
export function counted(key, count) {
  const form = `${key}.${plural.select(count)}`;
  return text(form in catalogue ? form : `${key}.other`, { count: number(count) });
}

export const hasText = (key) => key in catalogue;

export function number(value, digits = 0) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, options).format(value);
}

export function percent(share) {
  const options = { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, options).format(share);
}

export function moment(value) {
  const options = { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(language, options).format(new Date(value));
}

/** Call back now and whenever the language changes. */
export function onLanguage(listener) {
  listeners.push(listener);
  listener(language);
}

export async function startTexts() {
  const remembered = recall("language");
  const wanted = [remembered, ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  await useLanguage(wanted.find((tag) => LANGUAGES.includes(tag)) ?? LANGUAGES[0]);
}

export async function switchLanguage(chosen) {
  remember("language", chosen);
  await useLanguage(chosen);
}

async function useLanguage(chosen) {
  ({ default: catalogue } = await import(`./texts/${chosen}.js`));
  language = chosen;
  plural = new Intl.PluralRules(chosen);
  document.documentElement.lang = chosen;
  fillTexts(document);
  for (const listener of listeners) listener(language);
}

function fillTexts(root) {
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", text(node.dataset.label));
  }
}
