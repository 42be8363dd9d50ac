"""The SQL page: asked, completed, drawn, downloaded, saved and passed on, all of it by keyboard."""

import json
from pathlib import Path

import pyarrow.parquet
import pytest
from pages import PATIENT_MS
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

BY_DIAGNOSIS = "select diagnosis_code, count(*) as lesions from fct_diagnoses\n"
BY_DIAGNOSIS += "inner join dim_diagnoses using (diagnosis_key)\ngroup by 1 order by 2 desc, 1"
FIGURES = "#figures"


@pytest.fixture
def open_sql(open_page, address: str):
    def open_sql(query: str = "", **profile) -> Page:
        return open_page("none", at=f"{address.rstrip('/')}/sql{query}", **profile)

    return open_sql


def ask(page: Page, sql: str) -> None:
    page.get_by_label("Query").fill(sql)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_a_query_is_asked_by_the_keyboard_and_answered_as_a_table(open_sql):
    page = open_sql()
    editor = page.get_by_label("Query")
    editor.fill(BY_DIAGNOSIS)
    editor.press("Control+Enter")
    expect(page.locator(FIGURES)).to_contain_text("7 rows")
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["diagnosis_code varchar", "lesions bigint"]
    )
    expect(table.get_by_role("row")).to_have_count(8)


def test_a_fault_is_told_and_the_caret_stands_where_it_is(open_sql):
    page = open_sql(faults=True)
    ask(page, "select 1,\n  nope from dim_dates")
    expect(page.locator("#fault")).to_contain_text("nope")
    expect(page.get_by_label("Query")).to_be_focused()
    assert page.evaluate("document.getElementById('sql').selectionStart") == len("select 1,\n  ")
    ask(page, "drop table dim_dates")
    expect(page.locator("#fault")).to_contain_text("DROP is not answered here")


def test_words_are_completed_from_the_catalogue_without_a_mouse(open_sql):
    page = open_sql()
    editor = page.get_by_label("Query")
    editor.press_sequentially("select d. from dim_diag")
    options = page.locator("#completions").get_by_role("option")
    expect(options).to_have_count(1)
    editor.press("ArrowDown")
    expect(options).to_have_attribute("aria-selected", "true")
    editor.press("Tab")
    editor.press_sequentially(" as d")
    expect(editor).to_have_value("select d. from dim_diagnoses as d")
    for _ in range(len(" from dim_diagnoses as d")):
        editor.press("ArrowLeft")
    editor.press("Control+Space")
    expect(options.first).to_contain_text("diagnosis_key")
    editor.press_sequentially("is_m")
    editor.press("ArrowDown")
    editor.press("Enter")
    expect(editor).to_have_value("select d.is_malignant from dim_diagnoses as d")
    expect(options).to_have_count(0)
    editor.press("Control+Space")
    editor.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    editor.press("Tab")  # with no list open the editor is no trap
    expect(editor).not_to_be_focused()


def test_a_result_is_drawn_and_the_columns_can_be_chosen(open_sql):
    page = open_sql()
    ask(page, BY_DIAGNOSIS)
    page.get_by_role("button", name="Chart").click(timeout=PATIENT_MS)
    drawing = page.get_by_role("img", name="lesions by diagnosis_code")
    expect(drawing.locator("rect")).to_have_count(7)
    widths = [float(bar.get_attribute("width")) for bar in drawing.locator("rect").all()]
    assert widths == sorted(widths, reverse=True)
    expect(drawing.locator(".label").first).to_have_text("nv")
    page.locator("#chart-by").select_option("lesions")
    expect(page.get_by_role("img", name="lesions by lesions")).to_be_visible()


@pytest.mark.parametrize("form", ["CSV", "Parquet", "Arrow", "JSON"])
def test_an_answer_is_downloaded_whole(open_sql, form: str, tmp_path: Path):
    page = open_sql()
    ask(page, "select i from range(1500) t(i)")
    expect(page.locator(FIGURES)).to_contain_text("first 1,000 rows")
    with page.expect_download() as download:
        page.get_by_role("button", name=form, exact=True).click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    expect(page.locator("#said")).to_have_text("1,500 rows downloaded.")
    rows = {
        ".csv": lambda: len(path.read_text().splitlines()) - 1,
        ".json": lambda: len(json.loads(path.read_text())["rows"]),
        ".parquet": lambda: pyarrow.parquet.read_table(path).num_rows,
        ".arrow": lambda: pyarrow.ipc.open_stream(path.read_bytes()).read_all().num_rows,
    }
    assert rows[path.suffix]() == 1500


def test_a_long_query_is_stopped_by_the_person_and_the_next_is_answered(open_sql):
    page = open_sql()
    ask(page, "select count(*) from range(100000000) a, range(100000000) b")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#said")).to_have_text("Stopped.")
    ask(page, "select 42 as answer")
    expect(page.get_by_role("cell", name="42")).to_be_visible()


def test_a_saved_question_is_opened_by_its_address_and_deleted_by_its_author(open_sql):
    page = open_sql()
    page.get_by_label("Query").fill(BY_DIAGNOSIS)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Title").fill("Lesions, most first")
    page.get_by_label("What it tells").fill("Counted by diagnosis.")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Lesions, most first")).to_be_visible()
    assert page.url.endswith("/sql?question=lesions-most-first")
    other = open_sql("?question=lesions-most-first")
    expect(other.locator(FIGURES)).to_contain_text("7 rows")
    expect(other.get_by_text("Counted by diagnosis.")).to_be_visible()
    other.get_by_role("button", name="Delete").click()
    expect(other.locator("#said")).to_have_text("Deleted.")
    expect(other.get_by_role("link", name="Lesions, most first")).to_have_count(0)


def test_a_query_that_came_in_an_address_is_shown_and_not_run(open_sql):
    page = open_sql("?sql=select%201%20as%20one")
    expect(page.get_by_label("Query")).to_have_value("select 1 as one")
    expect(page.locator("#answer")).to_be_hidden()


def test_questions_tables_and_history_stand_beside_the_editor(open_sql):
    page = open_sql()
    page.get_by_role("link", name="Age at each diagnosis").click()
    expect(page.locator(FIGURES)).to_contain_text("rows")
    expect(page.get_by_role("heading", name="Age at each diagnosis")).to_be_visible()
    page.locator("#tables summary", has_text="dim_dates").first.click()
    page.get_by_label("Query").fill("")
    page.locator("#tables").get_by_role("button", name="date_key", exact=True).first.click()
    expect(page.get_by_label("Query")).to_have_value("date_key")
    earlier = page.locator("#history button").first
    expect(earlier).to_contain_text("quantile_cont")
    earlier.click()
    expect(page.get_by_label("Query")).to_have_value(
        page.evaluate("JSON.parse(localStorage.getItem('dermhouse.queries'))[0]")
    )
    page.get_by_role("button", name="Forget").click()
    expect(page.locator("#history button")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_the_sql_page_is_never_wider_than_the_screen(open_sql, width: int):
    page = open_sql(viewport={"width": width, "height": 800}, locale="es-ES")
    page.get_by_label("Consulta").fill(BY_DIAGNOSIS)
    page.get_by_role("button", name="Preguntar", exact=True).click()
    expect(page.locator(FIGURES)).to_contain_text("7 filas")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("button", name="Gráfico").click()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
