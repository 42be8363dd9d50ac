"""The catalogues of texts: whole in both languages, and nothing in them that no page says."""

import csv
import json
import re

import pytest

from ml.quality import Hint
from warehouse.settings import ROOT
from warehouse.vocabulary import (
    Confirmation,
    Decision,
    Diagnosis,
    Localization,
    QualityCategory,
    QualityCheck,
    QualityStatus,
    Role,
    Severity,
    Sex,
    values,
)

STATIC = ROOT / "static"
LISTS = {
    "diagnosis": Diagnosis,
    "site": Localization,
    "sex": Sex,
    "confirmation": Confirmation,
    "decision": Decision,
    "meaning": Decision,
    "hint": Hint,
    "role": Role,
    "quality_check": QualityCheck,
    "category": QualityCategory,
    "severity": Severity,
    "quality_status": QualityStatus,
}
# What the page says where there is nothing to say of the list.
BESIDE = {"hint": {"good"}}


def catalogue(language: str) -> dict[str, str]:
    source = (STATIC / "texts" / f"{language}.js").read_text()
    body = source.removeprefix("export default").strip().removesuffix(";")
    pairs = json.loads(body, object_pairs_hook=list)
    assert len(dict(pairs)) == len(pairs), f"{language}.js says a key twice"
    return dict(pairs)


def page_sources() -> str:
    scripts = [path for path in STATIC.rglob("*.js") if path.parent.name != "texts"]
    # The dashboards' charts are drawn by Python with the same words.
    files = [*scripts, *STATIC.glob("*.html"), *(ROOT / "api" / "charts").glob("*.py")]
    return "\n".join(path.read_text() for path in files)


def is_used(key: str, source: str) -> bool:
    """Whether a key is written out, counted (`waiting.one`), or made of a list and a code."""
    stem, _, last = key.rpartition(".")
    counted = last in ("one", "other") and f'counted("{stem}"' in source
    made = (f'"{key}"', f"`{stem}.${{", f'named("{stem}"', f'f"{stem}.{{', f': "{stem}",')
    return counted or any(form in source for form in made)


def test_every_rule_of_the_warehouse_is_said_in_words():
    with (ROOT / "dbt" / "seeds" / "retraining_rules.csv").open() as lines:
        rules = {row["rule_name"] for row in csv.DictReader(lines)}
    assert {f"rule.{name}" for name in rules} <= set(catalogue("en"))


def test_both_languages_have_the_same_keys_and_fill_in_the_same_names():
    english, spanish = catalogue("en"), catalogue("es")
    assert list(english) == list(spanish)
    for key, words in english.items():
        assert set(re.findall(r"\{\w+\}", words)) == set(re.findall(r"\{\w+\}", spanish[key])), key
        assert words.strip()
        assert spanish[key].strip()


def test_no_text_is_unused_and_none_that_is_used_is_missing():
    source = page_sources()
    english = catalogue("en")
    assert [key for key in english if not is_used(key, source)] == []
    written = r'(?:\btext\(|data-text=|data-label=|\bkey: |CameraError\(|FrameError\()"([a-z_.]+)"'
    asked = set(re.findall(written, source))
    assert asked
    assert sorted(asked - set(english)) == []


@pytest.mark.parametrize("name", LISTS)
def test_every_code_of_a_closed_list_is_said_in_words_and_no_other(name: str):
    said = {key.split(".")[1] for key in catalogue("en") if key.startswith(f"{name}.")}
    codes = {code.replace(" ", "_") for code in values(LISTS[name])}
    assert said - BESIDE.get(name, set()) == codes
