// What is known beside the frame: age, sex, site, a pseudonym; and whether the frame may be kept.

import { byId, fillOptions } from "./elements.js";
import { onLanguage, text } from "./texts.js";
import { sexName, siteName } from "./words.js";

const UNKNOWN = "unknown";

/** Connect the form; return {current, isValid}: its fields for the wire, and whether they may go. */
export function connectContext({ vocabulary, uses_context: isUsed }) {
  const form = byId("context");
  onLanguage(() => {
    fillOptions(form.elements.sex, optionsOf(vocabulary.sexes, sexName));
    fillOptions(form.elements.localization, optionsOf(vocabulary.localizations, siteName));
    byId("context-note").textContent = isUsed ? "" : text("context.not_used");
    byId("context-note").hidden = isUsed;
    show(form);
  });
  form.addEventListener("input", () => show(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => show(form)));
  return { current: () => fieldsOf(form), isValid: () => isValid(form) };
}

/** Say whether the fields may go; the browser points at a wrong one only where it is seen. */
function isValid(form) {
  if (!form.checkValidity()) form.querySelector("details").open = true;
  return form.reportValidity();
}

function optionsOf(list, name) {
  const known = list.filter((code) => code !== UNKNOWN);
  const pairs = known.map((code) => [code, name(code)]).sort((a, b) => a[1].localeCompare(b[1]));
  return [["", text("context.not_given")], ...pairs];
}

/** Return only what is given; consent only where the box is ticked. */
function fieldsOf(form) {
  const given = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  return Object.fromEntries(given);
}

function show(form) {
  const { age_years: age, sex, localization, subject } = fieldsOf(form);
  const parts = [subject, age && text("context.years", { age }), sex && sexName(sex),
    localization && siteName(localization)];
  byId("context-summary").textContent = parts.filter(Boolean).join(" · ") || text("context.none");
  const isKept = form.elements.consent.checked;
  byId("consent-note").textContent = text(isKept ? "consent.on" : "consent.off");
}
