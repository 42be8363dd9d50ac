"""The SQL prompt: completion from the star, a history in the home, queries over several lines."""

from collections.abc import Callable

import duckdb
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

from warehouse.errors import DermhouseError
from warehouse.settings import Settings
from warehouse.terminal import say

KEYWORDS = (
    "select from where group by order having limit inner left join on using with as distinct case "
    "when then else end and or not in between is null union all over partition count sum avg min "
    "max round coalesce cast describe summarize explain show tables"
)
HISTORY = "sql_history"
LEAVE = frozenset({"exit", "quit", ".quit", "\\q"})
NAMES = """
select table_name from information_schema.tables where table_schema = 'main'
union
select column_name from information_schema.columns where table_schema = 'main'
"""


def converse(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    answer: Callable[[str], None],
    source: Input | None = None,
    target: Output | None = None,
) -> None:
    """Answer queries, each ended by a semicolon, until the person leaves; a fault is told."""
    session: PromptSession[str] = PromptSession(
        "dermhouse> ",
        prompt_continuation="       ... ",
        history=FileHistory(str(settings.home / HISTORY)),
        completer=make_completer(connection),
        complete_while_typing=False,
        # Enter ends a query where it is whole, and begins a new line where it is not.
        multiline=Condition(lambda: not is_whole(get_app().current_buffer.text)),
        input=source,
        output=target,
    )
    say("One query, ended by a semicolon; Tab completes; exit or Ctrl+D leaves.")
    while True:
        try:
            query = session.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if query.rstrip(";").strip().lower() in LEAVE:
            return
        if query.rstrip(";").strip():
            tell(answer, query)


def make_completer(connection: duckdb.DuckDBPyConnection) -> WordCompleter:
    """Return what completes the names of the star, and SQL's own words."""
    names = [name for (name,) in connection.execute(NAMES).fetchall()]
    return WordCompleter([*names, *KEYWORDS.split()], ignore_case=True)


def is_whole(text: str) -> bool:
    """Return whether what was typed is asked at Enter: a query with its semicolon, or a word."""
    typed = text.strip()
    return not typed or typed.endswith(";") or typed.lower() in LEAVE


def tell(answer: Callable[[str], None], query: str) -> None:
    """Answer one query; what is wrong with it ends nothing."""
    try:
        answer(query)
    except DermhouseError as fault:
        say(str(fault))
    except KeyboardInterrupt:
        say("stopped")
