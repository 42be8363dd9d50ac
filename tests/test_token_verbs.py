"""Tokens and the audit chain as the person sees them who keeps a server."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from commands import dermhouse

from cli.demo import tell_token
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tokens import find_token, list_tokens
from warehouse.vocabulary import Role


def test_a_token_is_made_shown_once_listed_without_its_secret_and_revoked(
    settings: Settings, store: Store
):
    made = dermhouse(settings.home, "token", "create", "ward 3", "--role", "clinician")
    secret = made.stdout.strip()
    assert find_token(store, secret).role is Role.clinician
    listed = dermhouse(settings.home, "token", "list", "--json")
    assert [row["name"] for row in listed.result] == ["ward 3"]
    assert secret not in listed.stdout + listed.stderr
    twice = dermhouse(settings.home, "token", "create", "ward 3", "--role", "viewer")
    assert (twice.code, "there is one already" in twice.stderr) == (2, True)
    assert dermhouse(settings.home, "token", "revoke", "ward 3").code == 0
    assert find_token(store, secret) is None


def test_a_token_is_listed_by_the_name_it_was_given(settings: Settings, store: Store):
    dermhouse(settings.home, "token", "create", "[/] ward :cat:", "--role", "viewer")
    listed = dermhouse(settings.home, "token", "list")
    assert (listed.code, "[/] ward :cat:" in listed.stderr) == (0, True)


def test_a_tokens_last_day_is_its_own_to_the_end(settings: Settings, store: Store):
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)  # which has not passed, should midnight come meanwhile
    arguments = ["guest", "--role", "viewer", "--expires", tomorrow.date(), "--json"]
    made = dermhouse(settings.home, "token", "create", *arguments).result
    end = find_token(store, made["token"]).expires_at
    assert end == tomorrow + timedelta(days=1)


def test_an_event_that_was_changed_is_found_and_named(settings: Settings, store: Store):
    for name in ("ward 3", "ward 4"):
        dermhouse(settings.home, "token", "create", name, "--role", "viewer")
    whole = dermhouse(settings.home, "audit", "verify", "--json")
    assert (whole.code, whole.result["events"]) == (0, 2)
    with sqlite3.connect(settings.operational_path) as rows:
        rows.execute("update audit_event set actor = 'nobody' where sequence = 2")
    broken = dermhouse(settings.home, "audit", "verify", "--json")
    assert (broken.code, broken.result["broken_at"]) == (1, 2)
    assert "event 2 (create_token by nobody) was changed" in broken.stderr


def test_a_demo_that_others_can_reach_says_a_token_and_ends_the_last_ones(
    settings: Settings, store: Store, capsys: pytest.CaptureFixture[str]
):
    tell_token(settings)
    assert (capsys.readouterr().err, list_tokens(store)) == ("", [])
    open_to_all = settings.model_copy(update={"host": "0.0.0.0"})
    secrets = []
    for _ in range(2):
        tell_token(open_to_all)
        told = capsys.readouterr().err.split()
        secrets.append(next(word for word in told if word.startswith("dermhouse_")))
        assert told[-1].endswith(f"/sign-in#{secrets[-1]}")
    assert find_token(store, secrets[0]) is None
    assert find_token(store, secrets[1]).role is Role.admin
