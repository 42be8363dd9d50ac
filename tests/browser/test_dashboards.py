"""The dashboards and the dictionary in a real browser: what is seen is what SQL says."""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from commands import serving
from looks import violations
from made_up_use import fill_quality, fill_use
from playwright.sync_api import Page, expect

from api.charts.catalogue import Board, charts_of
from warehouse.build import build
from warehouse.published import current
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SLOW_MS = 90_000  # the script that draws is made once a home


@pytest.fixture(scope="module")
def used(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("dashboards") / "home")
    copytree(trained_home, settings.home)
    store = open_store(settings)
    model = resolve(store, CHAMPION)
    assert model is not None
    fill_use(store, model.model_id, days=45)
    fill_quality(store)
    store.close()
    build(settings)
    return settings


@pytest.fixture(scope="module")
def house(chromium: str, used: Settings) -> Iterator[str]:
    with serving(used.home) as address:
        yield address


@pytest.fixture
def open_board(open_page, house: str):
    def open_board(board: str = "", **profile) -> Page:
        page = open_page("none", at=house, **profile)
        page.goto(f"{house}{board}")
        page.locator("html[data-ready]").wait_for(timeout=SLOW_MS)
        return page

    return open_board


def number(settings: Settings, sql: str) -> int:
    with current(settings).connect() as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("board", list(Board))
def test_every_chart_of_a_dashboard_is_drawn_and_says_what_its_sql_says(
    open_board, used: Settings, board: Board
):
    page = open_board(f"analytics/{board}")
    for chart in charts_of(board):
        card = page.locator(f"[data-chart={chart.name}]")
        expect(card.locator("svg").first).to_be_visible()
        rows = number(used, f"select count(*) from ({chart.sql({})})")
        expect(card).to_have_attribute("data-rows", str(rows))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("asked", ["dashboards/", "app/pages", "dashboards/scripts/*"])
def test_dashboards_that_cannot_be_drawn_say_why(open_page, house: str, asked: str):
    page = open_page("none", at=house, faults=True)
    page.route(f"{house}{asked}", lambda route: route.abort())
    page.goto(f"{house}analytics")
    expect(page.locator("#fault")).to_contain_text("This could not be answered")


@pytest.mark.parametrize("board", list(Board))
def test_axe_finds_nothing_on_a_dashboard(open_board, axe: str, board: Board):
    page = open_board(f"analytics/{board}", reduced_motion="reduce")
    expect(page.locator(".chart-picture svg").first).to_be_visible()
    assert violations(page, axe) == []


@pytest.mark.parametrize("place", ["exposures", "terms", "metrics", "exposure:training"])
def test_axe_finds_nothing_in_the_dictionary(open_board, axe: str, place: str):
    page = open_board(f"dictionary#{place}", color_scheme="dark")
    expect(page.locator("#entry h2")).to_be_visible()
    assert violations(page, axe) == []


def test_the_numbers_above_are_those_of_the_warehouse(open_board, used: Settings):
    page = open_board("analytics")
    for figure, sql in {
        "images": "select count(*) from fct_diagnoses",
        "lesions": "select count(*) from dim_lesions",
        "answers": "select count(*) from fct_predictions where not is_shadow",
    }.items():
        shown = page.locator(f"[data-figure={figure}]")
        expect(shown).to_have_attribute("data-value", str(number(used, sql)))
    expect(page.locator("#version")).to_contain_text(f"Version {current(used).version}")


FIGURES = {
    ("models", "models"): "select count(*) from dim_models",
    ("models", "reviewed_answers"): """
        select count(distinct p.prediction_id) from fct_predictions as p
        inner join fct_reviews as r using (capture_id)
    """,
    ("drift", "quantities"): """
        select count(distinct quantity) from drift_by_day where psi is not null
    """,
    ("drift", "moved_much"): """
        select count(*) from (
            select arg_max(drift_level, date_day) as level from drift_by_day
            where psi is not null group by quantity
        ) where level = 'large'
    """,
    ("drift", "moved_some"): """
        select count(*) from (
            select arg_max(psi, date_day) as psi from drift_by_day
            where psi is not null group by quantity
        ) where psi >= 0.1
    """,
    ("quality", "images_with_file"): "select count(*) from labelled_images where has_file",
    ("quality", "failed_checks"): """
        select count(*) from data_quality_results where status = 'failed' and started_at = (
            select max(started_at) from data_quality_results
        )
    """,
    ("quality", "rejected_rows"): "select count(*) from fct_rejected_rows",
    ("use", "captures"): "select count(distinct capture_id) from fct_predictions",
    ("use", "answers"): "select count(*) from fct_predictions where not is_shadow",
}


@pytest.mark.parametrize(("board", "figure"), FIGURES)
def test_a_figure_of_a_dashboard_is_what_the_facts_say(
    open_board, used: Settings, board: str, figure: str
):
    shown = open_board(f"analytics/{board}").locator(f"[data-figure={figure}]")
    expect(shown).to_have_attribute("data-value", str(number(used, FIGURES[board, figure])))


def test_a_click_on_a_bar_filters_the_other_charts_and_another_takes_it_away(
    open_board, used: Settings
):
    page = open_board("analytics/diagnoses")
    bar = page.locator("[data-chart=lesions_by_diagnosis] .mark-rect path").first
    bar.click()
    page.wait_for_url("**diagnosis_code=nv**")
    page.locator("html[data-ready]").wait_for()
    nevi = "select count(distinct lesion_id) from labelled_images where diagnosis_code = 'nv'"
    lesions = page.locator("[data-figure=lesions]")
    expect(lesions).to_have_attribute("data-value", str(number(used, nevi)))
    expect(page.get_by_role("combobox", name="Diagnosis")).to_have_value("nv")
    page.locator("[data-chart=lesions_by_diagnosis] .mark-rect path").first.click()
    everything = number(used, "select count(*) from dim_lesions")
    expect(lesions).to_have_attribute("data-value", str(everything))


def test_a_click_on_the_overview_filters_the_others_or_is_not_offered(open_board, used: Settings):
    page = open_board("analytics")
    store = open_store(used)
    model_id = resolve(store, CHAMPION).model_id
    store.close()
    picture = page.locator("[data-chart=captures_by_day] .chart-picture")
    expect(picture).not_to_have_class(re.compile("is-clickable"))
    clear = page.get_by_role("button", name="Clear the filters")
    expect(clear).to_be_disabled()
    page.locator("[data-chart=performance_of_models] .mark-symbol path").first.click()
    page.wait_for_url(f"**/analytics?model_id={model_id}")
    page.locator("html[data-ready]").wait_for()
    expect(page.get_by_role("combobox", name="Model")).to_have_value(model_id)
    drift = page.locator("[data-chart=drift]")
    drift.get_by_text("SQL", exact=True).click()
    expect(drift.locator("pre")).to_contain_text(f"model_id = '{model_id}'")
    clear.click()
    page.wait_for_url("**/analytics")
    expect(drift.locator("pre")).to_contain_text("is_champion")


def test_a_click_on_a_diagnosis_of_the_overview_filters_figures_and_models(
    open_board, used: Settings
):
    page = open_board("analytics")
    page.locator("[data-chart=lesions_by_diagnosis] .mark-rect path").first.click()
    page.wait_for_url("**/analytics?diagnosis_code=nv")
    page.locator("html[data-ready]").wait_for()
    expect(page.get_by_role("combobox", name="Diagnosis")).to_have_value("nv")
    nevi = "from labelled_images where diagnosis_code = 'nv'"
    for figure, sql in {
        "images": f"select count(*) {nevi}",
        "lesions": f"select count(distinct lesion_id) {nevi}",
        "answers": "select count(*) from fct_predictions where not is_shadow",
    }.items():
        shown = page.locator(f"[data-figure={figure}]")
        expect(shown).to_have_attribute("data-value", str(number(used, sql)))
    models = page.locator("[data-chart=performance_of_models]")
    of_nevi = """
        select count(*) from model_performance
        where split = 'validation' and diagnosis_code = 'nv' and metric in ('recall', 'auc')
    """
    expect(models).to_have_attribute("data-rows", str(number(used, of_nevi)))
    expect(models.locator("svg")).to_contain_text("Recall")
    expect(models.locator("svg")).not_to_contain_text("Macro AUC")
    bars = page.locator("[data-chart=lesions_by_diagnosis]")
    all_diagnoses = "select count(distinct diagnosis_code) from labelled_images"
    expect(bars).to_have_attribute("data-rows", str(number(used, all_diagnoses)))


def test_the_keyboard_filters_as_well_and_the_back_button_undoes(open_board, used: Settings):
    page = open_board("analytics/diagnoses")
    page.get_by_role("combobox", name="Sex").select_option("female")
    women = "select count(*) from labelled_images where sex_code = 'female'"
    images = page.locator("[data-figure=images]")
    expect(images).to_have_attribute("data-value", str(number(used, women)))
    page.go_back()
    everyone = number(used, "select count(*) from labelled_images")
    expect(images).to_have_attribute("data-value", str(everyone))


def test_a_chart_can_be_read_as_a_table_and_taken_along(open_board, used: Settings):
    page = open_board("analytics/use")
    card = page.locator("[data-chart=captures_by_day]")
    card.get_by_text("Table").click()
    days = number(used, "select count(*) from use_by_day")
    expect(card.locator("tbody tr")).to_have_count(days)
    with page.expect_download() as started:
        card.get_by_role("link", name="CSV").click()
    lines = started.value.path().read_text().splitlines()
    assert len(lines) == days + 1
    with page.expect_download() as started:
        card.get_by_role("link", name="PNG").click()
    assert started.value.path().read_bytes().startswith(b"\x89PNG")


def test_the_sql_of_a_chart_is_one_click_away(open_board):
    page = open_board("analytics/drift")
    card = page.locator("[data-chart=drift]")
    card.get_by_text("SQL", exact=True).click()
    expect(card.locator("pre")).to_contain_text("from drift_by_day")
    card.get_by_role("link", name="Open in the SQL console").click()
    expect(page.get_by_label("Query")).to_have_value(re.compile("from drift_by_day"))


def test_the_dashboards_speak_spanish_in_the_pictures_too(open_board):
    page = open_board("analytics/diagnoses", locale="es-ES")
    expect(page.locator("h2")).to_have_text("Diagnósticos")
    card = page.locator("[data-chart=lesions_by_diagnosis]")
    expect(card.locator("svg")).to_contain_text("Nevo melanocítico")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_nothing_of_a_dashboard_is_wider_than_the_screen(open_board, theme: str, width: int):
    for board in ("analytics/models", "dictionary"):
        page = open_board(
            board, viewport={"width": width, "height": 800}, color_scheme=theme, locale="es-ES"
        )
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_dictionary_finds_a_column_and_walks_to_what_it_is_made_from(
    open_board, used: Settings
):
    page = open_board("dictionary#drift_by_day")
    entry = page.locator("#entry")
    expect(entry.locator("h2")).to_have_text("drift_by_day")
    columns = "select count(*) from duckdb_columns() where table_name = 'drift_by_day'"
    sheet = entry.get_by_role("region", name="Column")
    expect(sheet.locator("tbody tr")).to_have_count(number(used, columns))
    entry.get_by_role("link", name="drift_by_bucket").click()
    expect(entry.locator("h2")).to_have_text("drift_by_bucket")
    page.get_by_label("Search names").fill("psi_by_chance")
    expect(page.locator("#entries a")).to_have_text(["Metrics (1)", "drift_by_day"])


def test_the_dictionary_shows_who_reads_a_relation_and_on_to_the_models(open_board, used: Settings):
    page = open_board("dictionary#ml_train")
    entry = page.locator("#entry")
    page.locator("#entries").get_by_role("link", name="Who reads the warehouse").click()
    row = entry.get_by_role("row", name="Training and evaluation")
    expect(row).to_contain_text("Learns from ml_train")
    expect(row).to_contain_text("medium")
    expect(row.get_by_role("link", name="ml_tune")).to_be_visible()
    row.get_by_role("link", name="Training and evaluation").click()
    expect(entry.locator("h2")).to_have_text("Training and evaluation")
    store = open_store(used)
    model_id = resolve(store, CHAMPION).model_id
    store.close()
    entry.get_by_role("list", name="Read by").get_by_role("link", name=model_id).click()
    expect(page.locator("#about-title")).to_have_text(model_id)


def test_the_dictionary_shows_terms_and_metrics_and_searches_them(open_board, used: Settings):
    page = open_board("dictionary#terms")
    rows = page.locator("#entry tbody tr")
    expect(rows).to_have_count(number(used, "select count(*) from terminology"))
    page.get_by_label("Search names").fill("400096001")
    expect(rows).to_have_count(1)
    for words in (
        "Melanocytic nevus",
        "SNOMED CT",
        "broader",
        "Yes: FHIR terminology server",
    ):
        expect(rows).to_contain_text(words)
    page.get_by_label("Search names").fill("Brodersen")
    page.locator("#entries").get_by_role("link", name="Metrics").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Mean over the diagnoses present of their recall")


def test_without_a_single_answer_a_dashboard_says_what_is_missing(open_page, address: str):
    page = open_page("none")
    page.goto(f"{address}analytics/drift")
    page.locator("html[data-ready]").wait_for(timeout=SLOW_MS)
    expect(page.locator("[data-chart=drift]")).to_contain_text("Nothing to compare yet")
    page.goto(f"{address}analytics/quality")
    disagreements = page.locator("[data-chart=source_disagreements]")
    expect(disagreements).to_contain_text("No source differs")
