"""Saved questions: listed, saved, changed, deleted, and answered under an address of their own."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as InPath
from starlette.concurrency import run_in_threadpool

from api.actor import Actor, ActorDep, requires
from api.asking import FORMS, AskingDep, as_response
from api.dependencies import StoreDep
from api.faults import READS, WRITES, faults
from api.routes.sql import REFUSED
from api.sql_schemas import Limit, SavedCard, SavedForm, SavedList, Slug, SqlAnswer
from warehouse.audit import AuditedStore, Event
from warehouse.console.pool import Question
from warehouse.questions import (
    SavedQuestion,
    change_question,
    delete_question,
    find_question,
    list_questions,
    refuse_foreign,
    save_question,
    slug_of,
)
from warehouse.roles import Permission, is_allowed
from warehouse.vocabulary import AnswerFormat, AuditAction

router = APIRouter(
    prefix="/questions", tags=["questions"], dependencies=[requires(Permission.query)]
)

OneSlug = Annotated[Slug, InPath(description="the question's name in its address")]


class Shape(StrEnum):
    """How a row of JSON is written: its values in order, or each under its column's name."""

    arrays = "arrays"
    objects = "objects"


@router.get("/", responses=faults(*READS))
def list_saved(store: StoreDep, actor: ActorDep) -> SavedList:
    """List every saved question, those of the installation first."""
    return SavedList(questions=[as_card(each, actor) for each in list_questions(store)])


@router.post("/", status_code=201, responses=faults(409, *WRITES))
def save(form: SavedForm, store: StoreDep, actor: ActorDep) -> SavedCard:
    """Save a question under the name that its title makes."""
    slug = slug_of(form.title)
    question = SavedQuestion(slug, author=actor.who, **form.model_dump())
    audited = AuditedStore(store, Event(actor.who, AuditAction.save_question, slug))
    return as_card(save_question(audited, question), actor)


# Before the questions themselves: a name has no dot in it, so that the two cannot be confused.
@router.get(
    "/{slug}.{form}", response_model=SqlAnswer, responses=FORMS | faults(404, *READS) | REFUSED
)
async def answer_saved(
    slug: OneSlug,
    form: AnswerFormat,
    asking: AskingDep,
    limit: Limit = 1_000_000,
    shape: Shape = Shape.arrays,
) -> Response:
    """Answer a saved question: `/questions/nevi-by-age.json`, `.csv`, `.parquet`, `.arrow`."""
    question = await run_in_threadpool(find_question, asking.store, slug)
    is_json = form is AnswerFormat.json
    written = "objects" if is_json and shape is Shape.objects else form.value
    return as_response(await asking.answer(Question(question.sql, written, limit)), form, slug)


@router.get("/{slug}", responses=faults(404, *READS))
def show_saved(slug: OneSlug, store: StoreDep, actor: ActorDep) -> SavedCard:
    """Show one question with its query."""
    return as_card(find_question(store, slug), actor)


@router.put("/{slug}", responses=faults(404, *WRITES))
def change_saved(slug: OneSlug, form: SavedForm, store: StoreDep, actor: ActorDep) -> SavedCard:
    """Replace a question of one's own; its name stays, because addresses were passed on."""
    stands = find_question(store, slug)
    refuse_foreign(stands, actor.who, is_admin(actor))
    question = SavedQuestion(slug, author=stands.author, **form.model_dump())
    audited = AuditedStore(store, Event(actor.who, AuditAction.save_question, slug))
    return as_card(change_question(audited, question), actor)


@router.delete("/{slug}", status_code=204, responses=faults(404, *WRITES))
def delete_saved(slug: OneSlug, store: StoreDep, actor: ActorDep) -> None:
    """Delete a question of one's own, for good."""
    refuse_foreign(find_question(store, slug), actor.who, is_admin(actor))
    event = Event(actor.who, AuditAction.delete_question, slug)
    delete_question(AuditedStore(store, event), slug)


def is_admin(actor: Actor) -> bool:
    """Return whether somebody may tidy up after others."""
    return is_allowed(actor.role, Permission.administer)


def as_card(question: SavedQuestion, actor: Actor) -> SavedCard:
    """Return a question as it goes over the wire."""
    is_mine = not question.is_built_in and (question.author == actor.who or is_admin(actor))
    return SavedCard(
        slug=question.slug,
        title=question.title,
        description=question.description,
        sql=question.sql,
        author=question.author,
        saved_at=question.saved_at,
        is_built_in=question.is_built_in,
        is_mine=is_mine,
    )
