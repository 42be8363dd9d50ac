"""What stands in the environment and cannot be used is told by name, never by value."""

import subprocess

import pytest
from commands import PROGRAM, environment

from warehouse.errors import BadInputError
from warehouse.settings import ROOT, Settings


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "4711x", "a valid integer"),
        ("PORT", "65536", "less than or equal to 65535"),
        ("REFRESH_BY_SERVER", "perhaps", "a valid boolean"),
        ("LOG_LEVEL", "loud", "'debug', 'info'"),
        ("RETRAIN_EVERY_S", "weekly", "a valid number"),
        ("QUEUE_PLACES", "-4711", "greater than 0"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_by_its_name_why_and_the_way_out(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
):
    monkeypatch.setenv(f"DERMHOUSE_{name}", value)
    with pytest.raises(BadInputError) as told:
        Settings()
    assert str(told.value).startswith(f"DERMHOUSE_{name} cannot be used: it should be ")
    assert why in str(told.value)
    assert str(told.value).endswith("; set it anew, or unset it for its default")
    assert value not in str(told.value).replace("65535", "")


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMHOUSE_PORT", "x")
    monkeypatch.setenv("DERMHOUSE_KEEP_VERSIONS", "y")
    with pytest.raises(BadInputError, match=r"DERMHOUSE_PORT .*DERMHOUSE_KEEP_VERSIONS "):
        Settings()


def test_a_verb_says_so_in_one_line_and_ends_as_for_any_bad_input(settings: Settings):
    told = environment(settings.home) | {"DERMHOUSE_PORT": "4711x"}
    ended = subprocess.run([PROGRAM, "doctor"], env=told, cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("dermhouse: DERMHOUSE_PORT cannot be used")
    assert "4711x" not in line
