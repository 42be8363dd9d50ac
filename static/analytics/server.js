// What the dashboards ask the server for; a refusal is its own sentence.

export async function fetchJson(path) {
  const answer = await fetch(path);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail ?? String(answer.status));
  return body;
}

export const fetchBoards = () => fetchJson("/dashboards/");
export const fetchFigures = (board, query) => fetchJson(`/dashboards/${board}/figures?${query}`);
export const fetchChart = (name, query) => fetchJson(`/charts/${name}?${query}`);
export const fetchWords = () => fetchJson("/app/settings");

/** Return the address of a chart's data or picture, with the filters and the look that it has. */
export const fileAddress = (name, file, query) => `/charts/${name}/${file}?${query}`;
