// Saving a question: its title makes its address; one's own can be changed and deleted.

import { byId } from "../elements.js";
import { text } from "../texts.js";
import { addressOf } from "./beside.js";
import { changeQuestion, deleteQuestion, saveQuestion } from "./client.js";

/** Connect the buttons; `state` has {question, sql}, `done(question)` is told what stands now. */
export function connectSaving(state, done, tellFault) {
  const dialog = byId("saving");
  const form = byId("save-form");

  byId("save").addEventListener("click", () => {
    form.title.value = state.question?.is_mine ? state.question.title : "";
    form.description.value = state.question?.is_mine ? state.question.description : "";
    dialog.showModal();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", () => attempt(save));
  byId("delete").addEventListener("click", () => attempt(remove));
  byId("share").addEventListener("click", () => attempt(share));

  async function save() {
    const { question } = state;
    const wanted = { title: form.title.value, description: form.description.value, sql: state.sql };
    const isSame = question?.is_mine && question.title === wanted.title.trim();
    const saved = isSame ? await changeQuestion(question.slug, wanted) : await saveQuestion(wanted);
    history.replaceState(null, "", addressOf(saved));
    await done(saved);
    byId("said").textContent = text("sql.is_saved");
  }

  async function remove() {
    await deleteQuestion(state.question.slug);
    history.replaceState(null, "", "/sql");
    await done(null);
    byId("said").textContent = text("sql.is_deleted");
  }

  /** Copy the address of what stands in the editor; where copying is not allowed, show it. */
  async function share() {
    const { question, sql } = state;
    const path = question?.sql === sql ? addressOf(question) : `/sql?sql=${encodeURIComponent(sql)}`;
    history.replaceState(null, "", path);
    try {
      await navigator.clipboard.writeText(location.href);
      byId("said").textContent = text("sql.is_copied");
    } catch {
      byId("said").textContent = text("sql.is_in_address");
    }
  }

  async function attempt(act) {
    try {
      await act();
    } catch (error) {
      tellFault(error);
    }
  }
}
