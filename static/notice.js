// Which model answers, and what its answers must be read with.

import { byId, element } from "./elements.js";
import { onLanguage, text } from "./texts.js";
import { modelName } from "./words.js";

/** Show both at the foot of the page; return the notice in the language of the moment. */
export function connectNotice({ model, notice_code: codes }) {
  const sentences = () => codes.map((code) => text(`notice.${code}`));
  onLanguage(() => {
    const isStrong = (code) => (code === "synthetic" ? "strong" : "span");
    byId("notice").replaceChildren(
      ...sentences().flatMap((sentence, at) => [element(isStrong(codes[at]), {}, sentence), " "]));
    byId("model").textContent = modelName(model);
  });
  return () => sentences().join(" ");
}
