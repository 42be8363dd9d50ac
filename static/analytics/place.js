// Where the reader is: the dashboard in the address's path, the filters in its query. A filter that
// is set can be sent to a colleague, and the browser's own back button takes it away again.

const listeners = [];
const ROOT = "/analytics";

export function here() {
  const board = location.pathname.slice(ROOT.length + 1) || "overview";
  return { board, filters: Object.fromEntries(new URLSearchParams(location.search)) };
}

export const boardAddress = (board) => (board === "overview" ? ROOT : `${ROOT}/${board}`);

/** Go to a dashboard, with these filters. */
export function go(board, filters = {}) {
  const query = new URLSearchParams(filters).toString();
  history.pushState(null, "", boardAddress(board) + (query && `?${query}`));
  tell();
}

/** Set one filter, or take it away where it was set to the same. */
export function toggle(filter, value) {
  const { board, filters } = here();
  const { [filter]: before, ...others } = filters;
  go(board, !value || before === value ? others : { ...others, [filter]: value });
}

/** Call back whenever the place has changed. */
export const onPlace = (listener) => listeners.push(listener);

function tell() {
  for (const listener of listeners) listener(here());
}

addEventListener("popstate", tell);
