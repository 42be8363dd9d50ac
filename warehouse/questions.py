"""
Saved questions: a query with a title, under a name of its own that can be passed on.

Twelve stand in files beside this one and come with every installation; the others people save in
the store. Nothing here runs a query.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import RowMapping, delete, insert, select, update

from warehouse.errors import BadInputError
from warehouse.facts import ConflictError
from warehouse.store import Store
from warehouse.tables import now, saved_question

FOLDER = Path(__file__).parent / "example_questions"
HEADER = re.compile(r"\A-- title: (?P<title>.+)\n(?P<description>(?:-- .+\n)+)")
LONGEST_SLUG = 80


class UnknownQuestionError(BadInputError):
    """There is no question of this name."""


class ForeignQuestionError(BadInputError):
    """The question is somebody else's, or came with the installation."""


@dataclass(frozen=True)
class SavedQuestion:
    """One question; the ones that came with the installation have neither author nor date."""

    slug: str
    title: str
    description: str
    sql: str
    author: str | None = None
    saved_at: datetime | None = None

    @property
    def is_built_in(self) -> bool:
        """Return whether it came with the installation."""
        return self.author is None


def list_questions(store: Store) -> list[SavedQuestion]:
    """Return what came with the installation, then what people saved, each by title."""
    query = select(saved_question).order_by(saved_question.c.title, saved_question.c.slug)
    with store.read() as connection:
        saved = [as_question(row) for row in connection.execute(query).mappings()]
    return [*built_in().values(), *saved]


def find_question(store: Store, slug: str) -> SavedQuestion:
    """
    Return one question.

    Raises:
        UnknownQuestionError: There is none of this name.
    """
    if slug in built_in():
        return built_in()[slug]
    query = select(saved_question).where(saved_question.c.slug == slug)
    with store.read() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownQuestionError(f"there is no question '{slug}'")
    return as_question(row)


def save_question(store: Store, question: SavedQuestion) -> SavedQuestion:
    """
    Save a question under a name that is free; an author is asked for.

    Raises:
        ConflictError: The name is taken.
    """
    row = as_row(question)
    with store.write() as connection:
        taken = select(saved_question.c.slug).where(saved_question.c.slug == question.slug)
        if question.slug in built_in() or connection.execute(taken).first():
            raise ConflictError(
                f"there is a question '{question.slug}' already: choose another title"
            )
        connection.execute(insert(saved_question).values(row))
    return as_question(row)


def change_question(store: Store, question: SavedQuestion) -> SavedQuestion:
    """Replace a question's title, description and query; UnknownQuestionError if it is gone."""
    row = as_row(question)
    with store.write() as connection:
        here = saved_question.c.slug == question.slug
        changed = connection.execute(update(saved_question).where(here).values(row))
        if not changed.rowcount:
            raise UnknownQuestionError(f"there is no question '{question.slug}'")
    return as_question(row)


def delete_question(store: Store, slug: str) -> None:
    """Delete a question for good; UnknownQuestionError if it is gone already."""
    with store.write() as connection:
        gone = connection.execute(delete(saved_question).where(saved_question.c.slug == slug))
        if not gone.rowcount:
            raise UnknownQuestionError(f"there is no question '{slug}'")


def refuse_foreign(question: SavedQuestion, who: str, is_admin: bool) -> None:
    """Raise ForeignQuestionError unless this person may change or delete a question."""
    if question.is_built_in:
        raise ForeignQuestionError(
            f"'{question.slug}' came with this installation: save it under another title"
        )
    if question.author != who and not is_admin:
        raise ForeignQuestionError(
            f"'{question.slug}' was saved by {question.author}: save it under another title"
        )


def slug_of(title: str) -> str:
    """Return a title as it stands in an address: `Nevi by age` becomes `nevi-by-age`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].rstrip("-")
    if not slug:
        raise BadInputError("title: give the question a title with a letter or a figure in it")
    return slug


@cache
def built_in() -> dict[str, SavedQuestion]:
    """Return the questions of every installation by their slugs, in the order of the titles."""
    questions = [read_file(path) for path in FOLDER.glob("*.sql")]
    return {each.slug: each for each in sorted(questions, key=lambda each: each.title)}


def read_file(path: Path) -> SavedQuestion:
    """Return a question that stands in a file: a title, a description, one SELECT."""
    text = path.read_text(encoding="utf-8")
    header = HEADER.match(text)
    if header is None:
        raise BadInputError(f"{path}: begin with `-- title: …` and a line of description")
    lines = header["description"].splitlines()
    description = " ".join(line.removeprefix("-- ") for line in lines)
    return SavedQuestion(path.stem, header["title"], description, text[header.end() :].strip())


def as_row(question: SavedQuestion) -> dict[str, object]:
    """Return a question as the store keeps it, saved now."""
    return {
        "slug": question.slug,
        "title": question.title,
        "description": question.description,
        "sql": question.sql,
        "author": question.author,
        "saved_at": now(),
    }


def as_question(row: RowMapping | dict[str, object]) -> SavedQuestion:
    """Return a row of the store as a question."""
    return SavedQuestion(**{name: row[name] for name in SavedQuestion.__dataclass_fields__})  # type: ignore[arg-type]
