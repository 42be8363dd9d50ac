"""The questions that come with it: each as an independent reading of the raw CSV answers it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import copytree

import duckdb
import pandas as pd
import pytest
from factories import a_capture, a_model, an_answer
from few_lesions import side

from etl.pipeline import load
from warehouse.build import build
from warehouse.console.pool import Console, Question
from warehouse.errors import BadInputError
from warehouse.facts import record_again, record_prediction
from warehouse.published import current
from warehouse.questions import built_in, read_file, slug_of
from warehouse.registry import CHAMPION, Evaluation, Metric, record_model, set_alias
from warehouse.settings import ROOT, Settings
from warehouse.store import Store, init_store, open_store
from warehouse.vocabulary import DIAGNOSIS_NAMES, MALIGNANT

NAMES = {code.value: name for code, name in DIAGNOSIS_NAMES.items()}
SIDES = ["train", "tune", "validation"]
REAL = pytest.param("real", marks=[pytest.mark.real, pytest.mark.slow])
Ask = Callable[[str], pd.DataFrame]
Asked = tuple[Ask, pd.DataFrame]


def raw_rows(folder: Path) -> pd.DataFrame:
    """The raw file as an epidemiologist would read it, by pandas alone."""
    rows = pd.read_csv(folder / "HAM10000_metadata.csv")
    rows["sex"] = rows["sex"].fillna("unknown")
    decade = (rows["age"] // 10 * 10).astype("Int64")
    band = decade.astype("string") + "-" + (decade + 9).astype("string")
    rows["band"] = band.where(rows["age"] < 80, "80+").where(rows["age"].notna(), "unknown")
    sites = pd.read_csv(ROOT / "dbt" / "seeds" / "localizations.csv").set_index("code")["name"]
    rows["site"] = rows["localization"].fillna("unknown").map(sites)
    rows["name"] = rows["dx"].map(NAMES)
    rows["is_malignant"] = rows["dx"].isin([code.value for code in MALIGNANT])
    return rows


@contextmanager
def asking(settings: Settings) -> Iterator[Ask]:
    store = open_store(settings)
    console = Console(settings, store)

    def ask(slug: str) -> pd.DataFrame:
        told = json.loads(console.ask(Question(built_in()[slug].sql)).body)
        assert not told["is_truncated"]
        return pd.DataFrame(told["rows"], columns=told["columns"])

    yield ask
    console.close()
    store.close()


@pytest.fixture(scope="module", params=["drawn", REAL])
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asked]:
    if request.param == "drawn":
        settings = Settings(home=request.getfixturevalue("built_home"))
        folder = settings.home.with_suffix(".data")
    else:
        folder = request.getfixturevalue("real_ham10000")
        settings = Settings(home=tmp_path_factory.mktemp("questions") / "home")
        store = init_store(settings)
        load(settings, store, folder)
        store.close()
        build(settings)
    rows = raw_rows(folder)
    rows["split"] = splits_of(rows, folder)
    with asking(settings) as ask:
        yield ask, rows


def splits_of(rows: pd.DataFrame, folder: Path) -> pd.Series:
    """Each row's side: of lesions that are one, or share a file, the side furthest from train."""
    ends = ["one", "other"]
    lesion_of = rows.set_index("image_id")["lesion_id"]
    aliases = pd.read_csv(ROOT / "dbt" / "seeds" / "lesion_aliases.csv")
    listed = aliases[["image_id", "other_image_id"]].apply(lambda images: images.map(lesion_of))
    files = pd.DataFrame(
        [(path.stem, sha256(path.read_bytes()).digest()) for path in folder.glob("*/*.jpg")],
        columns=["image_id", "hash"],
    )
    files["lesion_id"] = files["image_id"].map(lesion_of)
    shared = files.merge(files, on="hash")[["lesion_id_x", "lesion_id_y"]]
    pairs = pd.concat([listed.set_axis(ends, axis=1), shared.set_axis(ends, axis=1)]).dropna()
    pairs = pairs[pairs["one"] != pairs["other"]]
    place = {lesion: SIDES.index(side(lesion)) for lesion in rows["lesion_id"].unique()}
    before: dict[str, int] = {}
    while place != before:
        before = dict(place)
        for one, other in pairs.itertuples(index=False):
            place[one] = place[other] = max(place[one], place[other])
    return rows["lesion_id"].map(place).map(SIDES.__getitem__)


def lesions(rows: pd.DataFrame, *by: str) -> pd.Series:
    return rows.groupby(list(by))["lesion_id"].nunique()


def same(seen: pd.Series, expected: pd.Series) -> None:
    """Both have the same groups and figures; shares are rounded in the question."""
    assert len(expected)
    pd.testing.assert_series_equal(
        seen.astype(float).sort_index(),
        expected.astype(float).sort_index(),
        check_names=False,
        check_index_type=False,
        check_index=True,
        atol=6e-4,
        rtol=0,
    )


def test_prevalence_of_each_diagnosis(asked: Asked):
    ask, rows = asked
    seen = ask("prevalence-of-each-diagnosis").set_index("diagnosis_code")
    same(seen["images"], rows.groupby("dx").size())
    same(seen["lesions"], lesions(rows, "dx"))
    same(seen["lesion_share"], lesions(rows, "dx") / lesions(rows, "dx").sum())
    same(seen["is_malignant"], rows.groupby("dx")["is_malignant"].first())


def melanoma_share_is_as_read(ask: Ask, rows: pd.DataFrame) -> None:
    seen = ask("melanoma-share-by-age-and-site").set_index(["age_band", "localization_name"])
    everything = lesions(rows, "band", "site")
    assert (everything < 10).any()  # which are left out
    everything = everything[everything >= 10]
    melanomas = lesions(rows[rows["dx"] == "mel"], "band", "site")
    melanomas = melanomas.reindex(everything.index, fill_value=0)
    same(seen["lesions"], everything)
    same(seen["melanomas"], melanomas)
    same(seen["melanoma_share"], melanomas / everything)


@pytest.mark.parametrize("asked", [REAL], indirect=True)
def test_melanoma_share_by_age_and_site(asked: Asked):
    melanoma_share_is_as_read(*asked)


def test_melanoma_share_by_age_where_one_site_has_them_all(built: Settings, built_home: Path):
    """So few are drawn that no group by age and site would be large enough."""
    with duckdb.connect(str(current(built).path)) as connection:
        connection.execute("update fct_diagnoses set localization_key = md5('back')")
    with asking(built) as ask:
        melanoma_share_is_as_read(
            ask, raw_rows(built_home.with_suffix(".data")).assign(site="Back")
        )


def test_malignancy_by_sex_and_age(asked: Asked):
    ask, rows = asked
    seen = ask("malignancy-by-sex-and-age").set_index(["sex_code", "age_band"])
    everything = lesions(rows, "sex", "band")
    malignant = lesions(rows[rows["is_malignant"]], "sex", "band")
    malignant = malignant.reindex(everything.index, fill_value=0)
    same(seen["lesions"], everything)
    same(seen["malignant_lesions"], malignant)
    same(seen["malignant_share"], malignant / everything)


def test_age_at_each_diagnosis(asked: Asked):
    ask, rows = asked
    seen = ask("age-at-each-diagnosis").set_index("diagnosis_name")
    ages = rows[rows["age"].notna()].groupby("name")["age"]
    same(seen["images"], ages.size())
    for column, share in (("lower_quartile", 0.25), ("median", 0.5), ("upper_quartile", 0.75)):
        same(seen[f"{column}_years"], ages.quantile(share))


def test_confirmation_by_diagnosis(asked: Asked):
    ask, rows = asked
    seen = ask("confirmation-by-diagnosis").set_index("diagnosis_name")
    counts = rows.groupby(["name", "dx_type"]).size().unstack(fill_value=0)
    same(seen["histology"], counts["histo"])
    for column in ("follow_up", "consensus", "confocal"):
        same(seen[column], counts.get(column, counts["histo"] * 0))
    same(seen["histology_share"], counts["histo"] / counts.sum(axis=1))


def test_sites_of_melanoma_by_sex(asked: Asked):
    ask, rows = asked
    seen = ask("sites-of-melanoma-by-sex").set_index("localization_name")
    melanomas = rows[rows["dx"] == "mel"]
    everything = lesions(melanomas, "site")
    for column, sex in (("women", "female"), ("men", "male")):
        theirs = lesions(melanomas[melanomas["sex"] == sex], "site")
        same(seen[column], theirs.reindex(everything.index, fill_value=0))
    same(seen["lesions"], everything)


def test_lesions_with_several_images(asked: Asked):
    ask, rows = asked
    seen = ask("lesions-with-several-images").set_index("images_of_the_lesion")
    same(seen["lesions"], rows.groupby("lesion_id").size().value_counts())
    melanomas = rows[rows["dx"] == "mel"].groupby("lesion_id").size().value_counts()
    same(seen["melanomas"], melanomas.reindex(seen.index, fill_value=0))


def test_missing_values_by_source(asked: Asked):
    ask, rows = asked
    seen = ask("missing-values-by-source").set_index("source_code")
    by = rows.groupby("dataset")
    same(seen["images"], by.size())
    same(seen["age_missing_share"], by["age"].apply(lambda ages: ages.isna().mean()))
    same(seen["sex_missing_share"], by["sex"].apply(lambda each: (each == "unknown").mean()))
    unnamed = rows["localization"].fillna("unknown").eq("unknown")
    same(seen["site_missing_share"], unnamed.groupby(rows["dataset"]).mean())


def test_splits_and_diagnoses(asked: Asked):
    ask, rows = asked
    seen = ask("splits-and-diagnoses").set_index("diagnosis_name")
    counts = lesions(rows, "name", "split").unstack(fill_value=0)
    for split in SIDES:
        same(seen[f"{split}_share"], counts[split] / counts[split].sum())


# Of two days and three decisions; the last is a challenger's, which nobody was shown.
ANSWERS = pd.DataFrame(
    [
        (1, "likely", 0.7, 8.0, False),
        (1, "likely", 0.6, 11.0, False),
        (1, "uncertain", 0.4, 20.0, False),
        (2, "not_assessable", 0.5, 7.5, False),
        (2, "uncertain", 0.3, 9.5, False),
        (2, "likely", 0.9, 99.0, True),
    ],
    columns=["day", "decision", "confidence", "latency_ms", "is_shadow"],
)
MELANOMA = {"diagnosis": "mel", "metric": "recall"}
FIGURES = {
    "model-a": [
        Evaluation(
            "ham10000",
            "validation",
            [Metric(**MELANOMA, value=0.8125, low=0.7, high=0.9, n=48)],
            {},
        ),
        Evaluation(
            "ham10000", "tune", [Metric(**MELANOMA, value=0.99, low=None, high=None, n=9)], {}
        ),
        Evaluation(
            "clinic", "validation", [Metric(**MELANOMA, value=0.5, low=None, high=None, n=4)], {}
        ),
    ],
    "model-b": [
        Evaluation(
            "ham10000",
            "validation",
            [
                Metric(**MELANOMA, value=0.9, low=0.8, high=0.95, n=48),
                Metric("mel", "precision", 0.1, None, None, 48),
                Metric("nv", "recall", 0.2, None, None, 70),
            ],
            {},
        )
    ],
}


def record_answers(store: Store) -> None:
    for row in ANSWERS.itertuples():
        rest = (1 - row.confidence) / 6
        said = tuple(row.confidence if code == "nv" else rest for code in NAMES)
        frame = a_capture(sha256=f"{row.Index:064x}")
        answer = an_answer(
            frame,
            "model-a",
            predicted_at=datetime(2026, 3, row.day, 23, 59, tzinfo=UTC),
            decision=row.decision,
            probabilities=said,
            latency_ms=row.latency_ms,
            is_shadow=row.is_shadow,
        )
        record_prediction(store, frame, answer)


@pytest.fixture(scope="module")
def used(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks a warehouse of two models, their figures and some answers."""
    settings = Settings(home=tmp_path_factory.mktemp("used") / "home")
    copytree(built_home, settings.home)
    store = open_store(settings)
    for model, figures in FIGURES.items():
        record_model(store, a_model(model), [], figures)
    set_alias(store, CHAMPION, "model-a")
    record_answers(store)
    store.close()
    build(settings)
    with asking(settings) as ask:
        yield ask


def test_sensitivity_to_melanoma_by_model(used: Ask):
    told = [
        {"model_id": model, "dataset_name": each.dataset} | asdict(metric)
        for model, figures in FIGURES.items()
        for each in figures
        for metric in each.metrics
        if (each.split, metric.diagnosis, metric.metric) == ("validation", "mel", "recall")
    ]
    expected = pd.DataFrame(told).set_index(["model_id", "dataset_name"])
    seen = used("sensitivity-to-melanoma-by-model")
    assert list(seen["model_id"]) == ["model-a", "model-a", "model-b"]  # the champion comes first
    assert list(seen["is_champion"]) == [True, True, False]
    seen = seen.set_index(["model_id", "dataset_name"])
    same(seen["images"], expected["n"])
    same(seen["sensitivity"], expected["value"])
    same(seen["low"], expected["low"])
    same(seen["high"], expected["high"])


def test_answers_by_day_and_decision(used: Ask):
    shown = ANSWERS[~ANSWERS["is_shadow"]]
    by = shown.groupby("day")
    seen = used("answers-by-day-and-decision")
    assert list(seen["day_utc"]) == ["2026-03-02", "2026-03-01"]  # the last day comes first
    seen["day"] = pd.to_datetime(seen["day_utc"]).dt.day
    seen = seen.set_index("day")
    same(seen["answers"], by.size())
    counts = shown.groupby(["day", "decision"]).size().unstack(fill_value=0)
    for decision in ("likely", "uncertain", "not_assessable"):
        same(seen[decision], counts[decision])
    same(seen["mean_confidence"], by["confidence"].mean())
    assert dict(seen["median_latency_ms"]) == dict(by["latency_ms"].median().round(1))


def test_a_melanoma_that_one_model_missed_is_named_with_that_model(built: Settings):
    store = open_store(built)
    frames = [a_capture(), a_capture()]
    for model in ("model-a", "model-b"):
        record_model(store, a_model(model), [])
    record_prediction(store, frames[0], an_answer(frames[0], "model-a", dx="nv"))
    record_prediction(store, frames[1], an_answer(frames[1], "model-b", dx="mel"))
    blind = an_answer(frames[0], "model-a", dx="mel", decision="not_assessable")
    record_again(store, frames[0], blind)  # later, but no answer
    with duckdb.connect(str(current(built).path)) as connection:
        for model in ("model-a", "model-b"):
            connection.execute(
                "insert into dim_models by name select md5(?) as model_key, ? as model_id",
                [model, model],
            )
        for frame in frames:
            words = ((1, "nv", "clinician"), (2, "mel", "clinician"), (3, "nv", "admin"))
            for review, dx, role in words:  # the latest word of a clinician holds
                connection.execute(
                    "insert into fct_reviews by name select ? as review_id, ? as capture_id, "
                    "md5(?) as diagnosis_key, md5('histo') as confirmation_key, "
                    "make_timestamp(2026, 1, ?, 0, 0, 0) as reviewed_at, ? as role_code",
                    [f"{frame.capture_id}-{review}", frame.capture_id, dx, review, role],
                )
    console = Console(built, store)
    answer = console.ask(Question(built_in()["missed-melanomas-by-model"].sql, "objects"))
    console.close()
    store.close()
    (missed,) = json.loads(answer.body)["rows"]
    assert (missed["model_id"], missed["capture_id"]) == ("model-a", frames[0].capture_id)
    assert missed["answered_diagnosis"] == "Melanocytic nevus"
    assert (missed["melanoma_probability"], missed["decision"]) == (0.2, "likely")
    assert (missed["confirmed_by"], missed["is_shadow"]) == ("Histopathology", False)


def test_every_question_is_written_down():
    told = (ROOT / "docs" / "questions.md").read_text()
    for question in built_in().values():
        assert f"## {question.title}\n\n{question.description}\n" in told
        assert f"/questions/{question.slug}.json" in told
        assert f"```sql\n{question.sql}\n```" in told
    assert told.count("```sql") == len(built_in()) >= 12


def test_a_file_without_a_title_is_told_by_its_name(tmp_path: Path):
    path = tmp_path / "nameless.sql"
    path.write_text("select 1")
    with pytest.raises(BadInputError, match=r"nameless\.sql: begin with"):
        read_file(path)


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Nevi by age", "nevi-by-age"), (" ¿Cuántos años? ", "cuantos-anos"), ("x" * 200, "x" * 80)],
)
def test_a_title_makes_an_address(title: str, slug: str):
    assert slug_of(title) == slug


def test_a_title_without_letters_makes_none():
    with pytest.raises(BadInputError, match="letter"):
        slug_of("…!")
