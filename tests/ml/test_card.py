"""A model card says what is recorded, and the server can still read it."""

import json
from collections.abc import Callable
from dataclasses import replace

import duckdb
import pytest

from ml.artifact import read_card
from ml.card import write_model_card
from ml.evaluation import evaluate
from warehouse.errors import NotReadyError
from warehouse.figures import read_epochs, read_evaluations
from warehouse.published import current
from warehouse.registry import CHAMPION, record_evaluation, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import Split


@pytest.fixture
def opened(trained: Settings):
    store = open_store(trained)
    yield trained, store
    store.close()


@pytest.fixture
def described_by(opened) -> Callable[..., None]:
    """Return a function that says, in the published version, who described its images."""
    settings, _ = opened

    def describe(origin: str, among: str = "true", source: str = "unknown") -> None:
        with duckdb.connect(str(current(settings).path)) as version:
            version.execute(f"update fct_image_origins set origin_code = ? where {among}", [origin])
            key = "select source_key from dim_sources where source_code = ?"
            version.execute(f"update fct_diagnoses set source_key = ({key})", [source])

    return describe


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
    text = write_model_card(settings, store, CHAMPION).read_text()
    assert "images in split" not in text
    assert "training images of synthetic. Drawn by Dermhouse" in text


def test_photographs_are_of_the_data_set_that_they_were_loaded_from(opened, described_by):
    settings, store = opened
    described_by("ham10000-folders", source="rosendahl")
    assert evaluate(settings, store, split=Split.tune).whole.dataset == "ham10000"
    text = write_model_card(settings, store, CHAMPION).read_text()
    assert "training images of ham10000. HAM10000 (Tschandl" in text
    assert "two places, Vienna and Queensland" in text
    assert "Drawn by Dermhouse" not in text


def test_of_a_mapped_data_set_the_licence_is_the_loaders_to_check(opened, described_by):
    settings, store = opened
    described_by("praxis")
    assert evaluate(settings, store, split=Split.tune).whole.dataset == "praxis"
    text = write_model_card(settings, store, CHAMPION).read_text()
    assert "The licence of praxis, loaded by a mapping, is not known to Dermhouse" in text
    assert "How the images of praxis were taken and chosen is not known" in text
    for told_of_others in ("HAM10000", "Vienna", "CC BY-NC", "Drawn by Dermhouse"):
        assert told_of_others not in text


def test_a_mapped_image_that_calls_itself_synthetic_was_not_drawn_here(opened, described_by):
    settings, store = opened
    described_by("praxis", source="synthetic")
    assert evaluate(settings, store, split=Split.tune).whole.dataset == "praxis"
    assert "Drawn by Dermhouse" not in write_model_card(settings, store, CHAMPION).read_text()


def test_several_data_sets_are_all_named_and_an_evaluation_names_what_it_read(opened, described_by):
    settings, store = opened
    described_by("isic2018-task3", "image_id not in (select image_id from ml_tune)")
    described_by("praxis", "image_id in (select image_id from ml_tune)")
    described_by("isic-archive", "image_id in (select min(image_id) from ml_tune)")
    report = evaluate(settings, store, split=Split.tune)
    assert report.whole.dataset == "isic-archive+praxis"
    card = write_model_card(settings, store, CHAMPION).with_name("card.json")
    data = json.loads(card.read_text())["data"]
    assert data["data_sets"] == ["isic2018", "isic-archive", "praxis"]
    for licence in ("ISIC 2018's third task", "the licence of its row", "licence of praxis"):
        assert data["licence"].count(licence) == 1


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
