// What the models page asks the server.

export const fetchModels = () => ask("/models/");
export const fetchModel = (id) => ask(`/models/${encodeURIComponent(id)}`);
export const fetchQueue = () => ask("/review-queue?limit=12");

async function ask(path) {
  const answer = await fetch(path);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}
