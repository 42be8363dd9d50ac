// The queries of this browser, newest first; they leave it only when they are asked again.

import { recall, remember } from "../preferences.js";

const NAME = "queries";
const MOST = 50;

export function listHistory() {
  try {
    const kept = JSON.parse(recall(NAME) ?? "[]");
    return Array.isArray(kept) ? kept.filter((sql) => typeof sql === "string") : [];
  } catch {
    return [];
  }
}

export function addToHistory(sql) {
  const others = listHistory().filter((kept) => kept !== sql);
  remember(NAME, JSON.stringify([sql, ...others].slice(0, MOST)));
}

export const forgetHistory = () => remember(NAME, "[]");
