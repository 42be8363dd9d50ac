// What the SQL page asks of the server, and how that can fail.

/** The server has said no, or cannot be reached (`status` is 0); `line` says where in a query. */
export class SqlError extends Error {
  constructor(status, { detail, line = null, column = null }) {
    super(detail);
    this.status = status;
    this.line = line;
    this.column = column;
  }
}

export const fetchCatalogue = () => asked("/sql/catalogue");
export const fetchQuestions = () => asked("/questions/");
export const deleteQuestion = (slug) => asked(`/questions/${slug}`, { method: "DELETE" });
export const saveQuestion = (question) => asked("/questions/", asJson("POST", question));
export const changeQuestion = (slug, question) =>
  asked(`/questions/${slug}`, asJson("PUT", question));

/** Answer a query; aborting the signal stops it on the server too. */
export const runQuery = (sql, signal) => asked("/sql/", { ...asJson("POST", { sql }), signal });

/** Return a whole answer as a file: its bytes, and how many rows were left out or not. */
export async function fetchFile(sql, format) {
  const body = { sql, limit: 1_000_000_000 }; // the server has a limit of its own, and says so
  const answer = await reached(`/sql/?format=${format}`, asJson("POST", body));
  return {
    blob: await answer.blob(),
    rows: Number(answer.headers.get("x-row-count")),
    isTruncated: answer.headers.get("x-is-truncated") === "true",
  };
}

async function asked(path, options) {
  const answer = await reached(path, options);
  return answer.status === 204 ? null : answer.json();
}

async function reached(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new SqlError(0, { detail: String(error) });
  }
  if (answer.ok) return answer;
  throw new SqlError(answer.status, await answer.json().catch(() => ({ detail: answer.statusText })));
}

function asJson(method, body) {
  const headers = { "content-type": "application/json" };
  return { method, headers, body: JSON.stringify(body) };
}
