// What could be written next: a function of the query, the caret and the catalogue, and no page.

const KEYWORDS = [
  "select", "from", "where", "group by", "order by", "having", "limit", "inner join", "left join",
  "on", "using", "with", "as", "distinct", "case when", "then", "else", "end", "and", "or", "not",
  "in", "between", "is null", "is not null", "union all", "over", "partition by", "filter (where",
  "count(*)", "count(", "sum(", "avg(", "min(", "max(", "round(", "coalesce(", "cast(",
  "quantile_cont(", "date_trunc(", "row_number()", "desc", "asc", "describe", "summarize", "explain",
];
const MOST = 12;
const RELATION = /\b(?:from|join)\s+([a-z_]\w*)(?:\s+(?:as\s+)?([a-z_]\w*))?/gi;
const NO_ALIAS = new Set(["on", "using", "where", "group", "order", "inner", "left", "join", "limit"]);

/** Return {from, words}: each of `words` may stand in place of the text from there to the caret. */
export function complete(sql, caret, tables) {
  const before = sql.slice(0, caret);
  if (isQuoted(before)) return { from: caret, words: [] };
  const [, owner = "", part] = before.match(/(?:([a-z_]\w*)\.)?([a-z_]\w*)?$/i);
  const typed = (part ?? "").toLowerCase();
  const from = caret - typed.length;
  const used = relations(sql, tables);
  const all = owner
    ? columnsOf(used.get(owner.toLowerCase()))
    : [...used.values()].flatMap(columnsOf).concat(tables.map(asTable), KEYWORDS.map(asKeyword));
  const fitting = all.filter(({ word }) => word.startsWith(typed) && word !== typed);
  return { from, words: distinct(fitting).slice(0, MOST) };
}

/** Return what each name in a FROM or JOIN stands for: name or alias → table. */
function relations(sql, tables) {
  const known = new Map(tables.map((table) => [table.name, table]));
  const used = new Map();
  for (const [, name, alias] of sql.matchAll(RELATION)) {
    const table = known.get(name.toLowerCase());
    if (!table) continue;
    used.set(name.toLowerCase(), table);
    if (alias && !NO_ALIAS.has(alias.toLowerCase())) used.set(alias.toLowerCase(), table);
  }
  return used;
}

const columnsOf = (table) =>
  (table?.columns ?? []).map(({ name, type, description }) => ({ word: name, kind: type, about: description }));
const asTable = ({ name, description }) => ({ word: name, kind: "table", about: description });
const asKeyword = (word) => ({ word, kind: "", about: "" });

function distinct(words) {
  return [...new Map(words.map((one) => [one.word, one])).values()];
}

/** Whether the caret stands in a text or a comment, where nothing is to be completed. */
function isQuoted(before) {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return (before.split("'").length - 1) % 2 === 1 || line.includes("--");
}
