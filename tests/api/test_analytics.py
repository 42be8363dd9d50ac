"""The dashboards' answers: every number a chart shows is what its own SQL says."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

import duckdb
import pyarrow.parquet
import pytest
import vl_convert
from camera_frames import LOCAL_ADDRESS, a_frame, post
from made_up_use import DISPUTED, FAILED_CHECK, FAILED_SHARE, fill_quality, fill_use
from starlette.testclient import TestClient

from api.app import create_app
from api.charts.catalogue import CHARTS, Board, Filter, charts_of, compose
from api.charts.drawings import DRAWINGS
from api.charts.look import Language, Theme, read_texts, read_tokens
from api.charts.pictures import at_midnight
from warehouse.build import build
from warehouse.published import current
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import QualityCheck, values

DAYS = 45


@pytest.fixture(scope="module")
def used_home(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A trained home after some weeks of use, built."""
    from shutil import copytree

    home = tmp_path_factory.mktemp("used") / "home"
    copytree(trained_home, home)
    settings = Settings(home=home)
    store = open_store(settings)
    model = resolve(store, CHAMPION)
    assert model is not None
    fill_use(store, model.model_id, DAYS)
    fill_quality(store)
    store.close()
    build(settings)
    return settings


@pytest.fixture(scope="module")
def dashboards(used_home: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(used_home), LOCAL_ADDRESS, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def newer_version(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Point at a copy of the current version for a while; close it once it is changed."""
    old = current(settings)
    newer = old.path.with_name(f"v{old.version + 1:06d}.duckdb")
    copyfile(old.path, newer)
    pointer = settings.warehouse_dir / "current"
    pointer.write_text(newer.name)
    try:
        yield duckdb.connect(str(newer))
    finally:
        pointer.write_text(old.path.name)
        newer.unlink()


def asked(settings: Settings, sql: str) -> list[dict]:
    with current(settings).connect() as connection:
        return connection.sql(sql).to_arrow_table().to_pylist()


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_shows_the_rows_that_its_sql_gives(
    dashboards: TestClient, used_home: Settings, name: str
):
    told = dashboards.get(f"/charts/{name}").json()
    expected = asked(used_home, told["sql"])
    assert expected, "the test's home has something for every chart"
    assert len(told["rows"]) == len(expected)
    for row, right in zip(told["rows"], expected, strict=True):
        assert {key: row[key] for key in right} == {
            key: value.isoformat() if hasattr(value, "isoformat") else value
            for key, value in right.items()
        }
    assert told["vega_lite"]["datasets"]["rows"] == [at_midnight(row) for row in told["rows"]]
    assert told["version"] == current(used_home).version


@pytest.mark.parametrize("board", list(Board))
def test_the_numbers_of_a_dashboard_are_those_of_its_sql(
    dashboards: TestClient, used_home: Settings, board: Board
):
    told = dashboards.get(f"/dashboards/{board}/figures").json()
    if "fct_predictions_live" not in told["sql"]:
        assert told["figures"] == asked(used_home, told["sql"])
    assert told["figures"]
    assert told["version"] == current(used_home).version


def test_the_dashboard_and_the_mart_agree_on_a_share_and_its_interval(
    dashboards: TestClient, used_home: Settings
):
    rows = dashboards.get("/charts/case_share_by_sex").json()["rows"]
    marts = asked(used_home, "select * from prevalence_by_sex order by sex_code")
    for row, mart in zip(rows, marts, strict=True):
        for end in ("", "_low", "_high"):
            assert row[f"case_share{end}"] == pytest.approx(mart[f"malignant_share{end}"])


def test_a_check_that_failed_is_seen_with_its_value_and_threshold(
    dashboards: TestClient, used_home: Settings
):
    told = dashboards.get("/charts/quality_checks", params={"language": "es"}).json()
    checks = {row["quality_check_code"]: row for row in told["rows"]}
    assert set(checks) == set(values(QualityCheck))
    failed = checks[FAILED_CHECK]
    assert (failed["status_said"], failed["found_share"]) == ("Falló", FAILED_SHARE)
    assert (failed["category_said"], failed["severity"]) == ("Conformidad", "error")
    assert failed["found_share"] > failed["threshold_share"]
    svg = dashboards.get("/charts/quality_checks/picture.svg", params={"language": "es"}).text
    assert "!! 20,0%" in svg
    assert "Filas rechazadas" in svg
    figures = dashboards.get("/dashboards/quality/figures").json()["figures"]
    (figure,) = [each for each in figures if each["figure"] == "failed_checks"]
    expected = sum(row["status"] == "failed" for row in checks.values())
    assert (figure["value"], figure["of_all"]) == (expected, len(checks))
    assert expected


def test_where_two_sources_disagree_is_counted_by_field(dashboards: TestClient):
    (row,) = dashboards.get("/charts/source_disagreements").json()["rows"]
    assert (row["column_name_said"], row["origin_code"]) == ("Diagnosis", "clinic")
    assert row["differing_count"] == DISPUTED


def test_a_filter_changes_the_other_charts_and_not_its_own(dashboards: TestClient):
    def lesions(name: str, **query: str) -> int:
        rows = dashboards.get(f"/charts/{name}", params=query).json()["rows"]
        return sum(row["lesion_count"] for row in rows)

    everyone, women = lesions("lesions_by_diagnosis"), {"sex_code": "female"}
    assert 0 < lesions("lesions_by_diagnosis", **women) < everyone
    assert lesions("case_share_by_sex", **women) == lesions("case_share_by_sex")


def test_a_diagnosis_that_is_chosen_says_what_a_case_is(dashboards: TestClient):
    query = {"diagnosis_code": "nv"}
    rows = dashboards.get("/charts/case_share_by_sex", params=query).json()["rows"]
    nevi = dashboards.get("/charts/lesions_by_diagnosis").json()["rows"]
    (nv,) = [row["lesion_count"] for row in nevi if row["diagnosis_code"] == "nv"]
    assert sum(row["case_count"] for row in rows) == nv
    assert sum(row["lesion_count"] for row in rows) > nv


@pytest.mark.parametrize("name", CHARTS)
def test_every_axis_says_what_it_counts(dashboards: TestClient, name: str):
    for language in Language:
        drawn = dashboards.get(f"/charts/{name}", params={"language": language}).json()
        axes = vl_convert.vegalite_to_vega(drawn["vega_lite"])["axes"]
        titles = [axis.get("title") for axis in axes if axis.get("labels") is not False]
        assert len(titles) == 2
        said = {words for key, words in read_texts(language).items() if key.startswith("axis.")}
        measure = read_texts(language)["quantity.brightness"]
        said.add(read_texts(language)["axis.p50_of"].replace("{measure}", measure))
        assert set(titles) <= said, (name, titles)


def test_a_measure_is_named_on_its_axis_with_its_unit(dashboards: TestClient):
    query = {"quantity": "age_band", "language": "es"}
    svg = dashboards.get("/charts/capture_quality/picture.svg", params=query).text
    assert "Edad en años, mediana" in svg


def test_the_share_of_a_diagnosis_and_its_interval_are_those_of_the_mart(
    dashboards: TestClient, used_home: Settings
):
    rows = dashboards.get("/charts/lesions_by_diagnosis").json()["rows"]
    marts = asked(used_home, "select * from prevalence_by_diagnosis")
    shares = {mart["diagnosis_code"]: mart for mart in marts}
    assert len(rows) == len(shares)
    for row in rows:
        for end in ("lesion_share", "lesion_share_low", "lesion_share_high"):
            assert row[end] == pytest.approx(shares[row["diagnosis_code"]][end])


def test_subgroups_tell_how_many_melanomas_are_found(dashboards: TestClient, used_home: Settings):
    rows = dashboards.get("/charts/subgroups").json()["rows"]
    stored = """
        select subgroup_kind, subgroup, value from performance_by_subgroup
        where split = 'validation' and metric = 'melanoma_recall' order by all
    """
    told = [row for row in rows if row["metric"] == "melanoma_recall"]
    assert told
    assert sorted((r["subgroup_kind"], r["subgroup"], r["value"]) for r in told) == [
        tuple(row.values()) for row in asked(used_home, stored)
    ]


def test_what_is_asked_for_stays_one_text(dashboards: TestClient):
    query = {"sex_code": "x' or 'a' = 'a"}
    answer = dashboards.get("/charts/lesions_by_diagnosis", params=query)
    assert answer.status_code == 200
    assert answer.json()["rows"] == []


def test_a_chart_or_a_filter_that_does_not_exist_is_named(dashboards: TestClient):
    unknown = dashboards.get("/charts/pie")
    assert unknown.status_code == 404
    assert "no chart pie" in unknown.json()["detail"]
    wrong = dashboards.get("/charts/drift", params={"colour": "red"})
    assert wrong.status_code == 422
    assert "colour" in wrong.json()["detail"]


def test_the_data_can_be_taken_along(dashboards: TestClient):
    rows = dashboards.get("/charts/lesions_by_diagnosis").json()["rows"]
    sheet = dashboards.get("/charts/lesions_by_diagnosis/data.csv")
    assert "lesions_by_diagnosis.csv" in sheet.headers["content-disposition"]
    counts = [int(row["lesion_count"]) for row in csv.DictReader(io.StringIO(sheet.text))]
    parquet = dashboards.get("/charts/lesions_by_diagnosis/data.parquet").content
    table = pyarrow.parquet.read_table(io.BytesIO(parquet))
    assert counts == table["lesion_count"].to_pylist() == [row["lesion_count"] for row in rows]


def test_the_picture_can_be_taken_along_in_the_language_and_theme_of_the_page(
    dashboards: TestClient,
):
    query = {"language": "es", "theme": "dark"}
    svg = dashboards.get("/charts/lesions_by_diagnosis/picture.svg", params=query)
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert "Lesiones por diagnóstico" in svg.text
    assert "Nevo melanocítico" in svg.text
    assert read_tokens()["surface"][1] in svg.text
    png = dashboards.get("/charts/lesions_by_diagnosis/picture.png", params=query)
    assert png.content.startswith(b"\x89PNG")


def test_a_picture_says_what_it_is_of(dashboards: TestClient):
    def taken(name: str, **query: str) -> str:
        return dashboards.get(f"/charts/{name}/picture.svg", params=query).text

    # Never by what is picked in the chart itself, which stands out in it and leaves nothing away.
    picked = {"sex_code": "female", "age_band": "30-39", "diagnosis_code": "mel"}
    assert "Age in years: 30-39 · Sex: Female<" in taken("lesions_by_diagnosis", **picked)
    assert "Diagnóstico: Melanoma" in taken("case_share_by_site", **picked, language="es")
    assert "Sex: " not in taken("lesions_by_diagnosis")
    assert re.search(r"Model: The model served · Data set: \w+", taken("calibration"))
    assert "Model: nobody" in taken("calibration", model_id="nobody")


@pytest.mark.parametrize("path", ["charts/lesions_by_diagnosis", "dashboards/diagnoses/figures"])
def test_a_filter_with_a_zero_byte_is_refused(dashboards: TestClient, path: str):
    assert dashboards.get(f"/{path}", params={"sex_code": "a\0b"}).status_code == 422


def test_the_shares_of_a_bucket_are_those_of_the_counts_beside_them(dashboards: TestClient):
    query = {"quantity": "brightness"}
    rows = dashboards.get("/charts/drift_by_bucket", params=query).json()["rows"]
    assert rows
    for share, count in (("reference_share", "reference_count"), ("window_share", "window_count")):
        whole = sum(row[count] for row in rows)
        assert [row[share] for row in rows] == pytest.approx([row[count] / whole for row in rows])


def test_an_answer_is_counted_before_the_next_build_has_it(
    dashboards: TestClient, used_home: Settings
):
    def new() -> int:
        figures = dashboards.get("/dashboards/overview/figures").json()["figures"]
        return next(each["value"] for each in figures if each["figure"] == "new_answers")

    before = new()
    assert post(dashboards, a_frame()).status_code == 200
    assert new() == before + 1


def test_a_model_judged_on_two_data_sets_is_shown_on_the_real_one(
    dashboards: TestClient, used_home: Settings
):
    judged = ("calibration", "confusion", "recall_by_diagnosis", "subgroups")
    marts = ("calibration_by_bin", "fct_confusion", "model_performance", "performance_by_subgroup")

    def told(name: str) -> list[dict]:
        return dashboards.get(f"/charts/{name}").json()["rows"]

    names = (*judged, "performance_of_models")
    before = {name: told(name) for name in names}
    assert {row["dataset_name"] for rows in before.values() for row in rows} == {"synthetic"}
    with newer_version(used_home) as connection:
        for mart in marts:
            twice = f"select * replace ('ham10000' as dataset_name) from {mart}"
            connection.execute(f"insert into {mart} {twice}")
        connection.close()
        for name in names:
            rows = told(name)
            assert {row["dataset_name"] for row in rows} == {"ham10000"}, name
            assert [row | {"dataset_name": "synthetic"} for row in rows] == before[name]


def test_models_are_compared_on_the_data_set_of_the_newest(
    dashboards: TestClient, used_home: Settings
):
    def judged_on() -> set[str]:
        rows = dashboards.get("/charts/performance_of_models").json()["rows"]
        return {row["dataset_name"] for row in rows}

    assert judged_on() == {"synthetic"}
    drawn = "from model_performance where dataset_name = 'synthetic'"
    with newer_version(used_home) as connection:
        for name, days in (("praxis", 2), ("ham10000", 1)):
            later = f"'{name}' as dataset_name, created_at + interval {days} day as created_at"
            connection.execute(f"insert into model_performance select * replace ({later}) {drawn}")
        connection.close()
        assert judged_on() == {"praxis"}


def test_readers_move_on_to_a_new_version(dashboards: TestClient, used_home: Settings):
    before = dashboards.get("/charts/builds").json()["version"]
    with newer_version(used_home) as connection:
        connection.execute("delete from use_by_day")
        connection.close()
        told = dashboards.get("/charts/captures_by_day").json()
        assert (told["version"], told["rows"]) == (before + 1, [])
    assert dashboards.get("/charts/captures_by_day").json()["rows"]


def test_without_a_version_the_dashboards_say_what_to_do(trained: Settings):
    (trained.warehouse_dir / "current").unlink()
    with TestClient(create_app(trained), LOCAL_ADDRESS, raise_server_exceptions=False) as client:
        answer = client.get("/charts/drift")
    assert answer.status_code == 503
    assert "dermhouse build" in answer.json()["detail"]


def test_every_chart_has_a_drawing_and_its_words_in_every_language():
    assert set(CHARTS) == set(DRAWINGS)
    for language in Language:
        texts = read_texts(language)
        for name in CHARTS:
            assert texts[f"chart.{name}"]
            assert texts[f"about.{name}"]


def test_every_word_and_colour_that_a_drawing_names_is_there(
    dashboards: TestClient, used_home: Settings
):
    """A text that is missing would stand on the chart as its key."""
    for name in CHARTS:
        for theme in Theme:
            told = dashboards.get(f"/charts/{name}", params={"theme": theme, "language": "es"})
            assert '"axis.' not in told.text, name


def test_every_filter_is_a_column_of_what_it_filters(dashboards: TestClient):
    entries = {board["name"]: board for board in dashboards.get("/dashboards/").json()["boards"]}
    for board in Board:
        assert entries[board]["charts"] == [chart.name for chart in charts_of(board)]
        for chart in charts_of(board):
            for one in chart.filters:
                answer = dashboards.get(f"/charts/{chart.name}", params={one.value: "nothing"})
                assert answer.status_code == 200, (chart.name, one)


def test_where_no_model_is_chosen_the_one_that_is_served_is_meant():
    sql = compose("calibration", (Filter.model,), {}, {})
    assert "is_champion" in sql
    chosen = compose("calibration", (Filter.model,), {Filter.model: "m-1"}, {})
    assert "model_id = 'm-1'" in chosen
    assert "is_champion" not in chosen


def test_the_header_lists_the_pages_that_there_are(dashboards: TestClient):
    pages = {page["name"]: page["path"] for page in dashboards.get("/app/pages").json()}
    assert pages["camera"] == "/"
    assert pages["analytics"] == "/analytics"
    for path in pages.values():
        assert dashboards.get(path).status_code == 200


def test_the_script_that_draws_is_served_packed_and_for_good(dashboards: TestClient):
    address = dashboards.get("/dashboards/").json()["script"]
    script = dashboards.get(address)
    assert script.headers["content-encoding"] == "gzip"
    assert "immutable" in script.headers["cache-control"]
    assert "vegaEmbed" in script.text
