"""A model card says what is recorded, and the server can still read it."""

import json
from dataclasses import replace

import pytest

from ml.artifact import read_card
from ml.card import write_model_card
from ml.evaluation import evaluate
from warehouse.errors import NotReadyError
from warehouse.figures import read_epochs, read_evaluations
from warehouse.registry import CHAMPION, record_evaluation, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import Split


@pytest.fixture
def opened(trained: Settings):
    store = open_store(trained)
    yield trained, store
    store.close()


def test_a_card_tells_use_data_lineage_figures_limits_and_licence(opened):
    settings, store = opened
    record = resolve(store, CHAMPION)
    text = write_model_card(settings, store, CHAMPION).read_text()
    for told in (
        *("Not a medical device", "## Intended use", "## Data", "## Lineage", "## Limits"),
        *("mean nothing on real skin", "Drawn by Dermhouse", "sensitivity_at_90", "### Subgroups"),
        *("Skin type: not recorded, not evaluable", "### Reliability", record.split_hash),
        f"| likely a nevus | its expected cost is at most 0.5, its probability at least "
        f"{record.decision_rule['nevus_threshold']:.3f} |",
    ):
        assert told in text, told
    assert str(settings.home) not in text
    for split in read_evaluations(store, record.model_id):
        for metric in split.metrics:
            if metric.low is not None and metric.high is not None:
                interval = f"{metric.value:.3f} | {metric.low:.3f}-{metric.high:.3f}"
                assert f"| {metric.diagnosis} | {metric.metric} | {interval}" in text


def test_the_server_reads_the_card_with_its_figures_as_it_read_the_first(opened):
    settings, store = opened
    folder = settings.models_dir / resolve(store, CHAMPION).model_id
    before = read_card(folder)
    write_model_card(settings, store, CHAMPION)
    assert read_card(folder) == before
    card = json.loads((folder / "card.json").read_text())
    names = {(each["dataset"], each["split"]) for each in card["evaluations"]}
    assert names >= {("synthetic", "tune"), ("synthetic", "validation")}
    assert card["data"]["images"]["train"]
    assert [each["epoch"] for each in card["epochs"]] == [
        each.epoch for each in read_epochs(store, card["model_id"])
    ]
    for name in card["pictures"]:
        assert (folder / name).read_text().startswith("<svg"), name
    assert card["pictures"] == ["curves.svg", "confusion.svg", "reliability.svg"]
    assert not list(folder.glob(".*"))


def test_a_card_of_an_old_version_is_written_without_its_counts(opened):
    settings, store = opened
    for path in settings.warehouse_dir.glob("v*.duckdb"):
        path.unlink()
    assert "images in split" not in write_model_card(settings, store, CHAMPION).read_text()


def test_a_model_whose_folder_is_gone_is_told(opened):
    settings, store = opened
    folder = settings.models_dir / resolve(store, CHAMPION).model_id
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(NotReadyError, match="the model's folder is gone"):
        write_model_card(settings, store, CHAMPION)


def test_figures_are_read_back_as_they_were_recorded(opened):
    settings, store = opened
    report = evaluate(settings, store, split=Split.tune)
    (read,) = (each for each in read_evaluations(store, report.model_id) if each.split == "tune")
    for name in ("metrics", "reliability", "subgroups"):
        assert sorted(map(repr, getattr(read, name))) == sorted(
            map(repr, getattr(report.whole, name))
        )
    assert read.confusion == report.whole.confusion


def test_what_a_later_evaluation_lacks_is_no_longer_read(opened):
    settings, store = opened
    report = evaluate(settings, store, split=Split.tune)
    less = replace(report.whole, subgroups=report.whole.subgroups[:1], reliability=[])
    record_evaluation(store, report.model_id, less)
    (read,) = (each for each in read_evaluations(store, report.model_id) if each.split == "tune")
    assert [*read.subgroups] == [*less.subgroups]
    assert not read.reliability
