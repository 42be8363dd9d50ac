// What the models page asks the server.

export const fetchModels = () => ask("/models/");
export const fetchModel = (id) => ask(`/models/${encodeURIComponent(id)}`);
export const fetchImages = (id, after) =>
  ask(`/models/${encodeURIComponent(id)}/images?limit=24&after=${encodeURIComponent(after)}`);
export const fetchRetrainings = () => ask("/retrainings/");
export const fetchQueue = () => ask("/review-queue?limit=12");
export const fetchConflicts = () => ask("/label-conflicts");
export const fetchOrigin = (id) => ask(`/predictions/${encodeURIComponent(id)}/lineage`);
export const fetchUses = (id) => ask(`/images/${encodeURIComponent(id)}/models`);

async function ask(path) {
  const answer = await fetch(path);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}
