"""What the project says of itself: exposures name what is read, seeds say where they are from."""

import re

import pytest
import yaml
from dbt_project_home import DbtHome, project_file

from warehouse.settings import ROOT
from warehouse.vocabulary import Diagnosis, values

pytestmark = pytest.mark.xdist_group("dbt")

ASKED = re.compile(r"\b(?:from|join)\s+(\w+)")
SOURCES = ("py", "sql")
MEASURE = re.compile(r"_(?:share|gap|ms)$|^psi")
LIMITS = {"threshold_share"}
LOGIC = re.compile(r"\b(?:case|row_number|group by)\b|\b(?:sum|count)\(")


def asked_of(home: DbtHome, *patterns: str) -> set[str]:
    """Return the relations that the SQL in these files asks; a live view counts as its table."""
    relations = {node.name for node in home.manifest.nodes.values()}
    sources = [path.read_text() for pattern in patterns for path in ROOT.glob(pattern)]
    assert sources
    named = {name for source in sources for name in ASKED.findall(source)}
    return {name.removesuffix("_live") for name in named} & relations


def exposed(home: DbtHome, name: str) -> set[str]:
    exposure = home.manifest.exposures[f"exposure.dermhouse.{name}"]
    return {node.split(".")[2] for node in exposure.depends_on.nodes}


@pytest.mark.parametrize(
    ("name", "files"),
    [("dashboards", "api/charts/sql/*.sql"), ("questions", "warehouse/example_questions/*.sql")],
)
def test_an_exposure_names_every_relation_that_its_sql_asks(
    built_dbt: DbtHome, name: str, files: str
):
    assert exposed(built_dbt, name) == asked_of(built_dbt, files)


def test_whatever_the_code_asks_is_in_an_exposure(built_dbt: DbtHome):
    rooms = [f"{room}/**/*.{ending}" for room in ("api", "warehouse", "ml") for ending in SOURCES]
    names = [exposure.name for exposure in built_dbt.manifest.exposures.values()]
    told = set().union(*(exposed(built_dbt, name) for name in names))
    assert asked_of(built_dbt, *rooms) - told == set()


def test_the_training_exposure_is_what_a_model_may_see(built_dbt: DbtHome):
    assert {"ml_train", "ml_tune", "ml_validation"} <= exposed(built_dbt, "training")


def test_what_others_read_keeps_its_columns_by_contract(built_dbt: DbtHome):
    marts = [
        node
        for node in built_dbt.manifest.nodes.values()
        if node.resource_type == "model" and "marts" in node.fqn
    ]
    assert {"dim_images", "fct_predictions", "ml_train"} <= {node.name for node in marts}
    assert [node.name for node in marts if not node.config.contract.enforced] == []


def test_models_with_logic_have_a_unit_test(built_dbt: DbtHome):
    """Those that are one call of a macro are tested through a fellow, as prevalence_by_sex is."""
    tested = {test.model for test in built_dbt.manifest.unit_tests.values()}
    counting = {
        node.name
        for node in built_dbt.manifest.nodes.values()
        if node.resource_type == "model" and {"intermediate", "analytics", "ml"} & set(node.fqn)
        if LOGIC.search(node.raw_code)
    }
    assert {"drift_by_day", "int_lesions__labelled", "review_queue"} <= counting
    assert counting - tested == set()


def test_every_diagnosis_has_a_term_in_each_terminology_but_where_there_is_none(
    built_dbt: DbtHome,
):
    terms = built_dbt.query("select distinct system, diagnosis_code from terminology")
    for system in ("SNOMED CT", "ICD-10-CM", "ISIC"):
        assert {code for name, code in terms if name == system} == set(values(Diagnosis))
    verified = built_dbt.query("select count(*) from terminology where is_verified")
    assert verified[0][0] > 0


def test_the_figures_of_a_model_are_defined_once(built_dbt: DbtHome):
    defined = {code for (code,) in built_dbt.query("select code from metric_definitions")}
    source = (ROOT / "ml/metrics.py").read_text()
    written = set(re.findall(r'\("all", "(\w+)"\)', source)) | {"recall", "precision", "auc"}
    assert written <= defined


def test_what_the_marts_measure_is_defined_once(built_dbt: DbtHome):
    defined = {code for (code,) in built_dbt.query("select code from metric_definitions")}
    measured = {
        column
        for node in built_dbt.manifest.nodes.values()
        if node.resource_type == "model" and "analytics" in node.fqn
        for column in node.columns
        if MEASURE.search(column)
    }
    assert {"agreement_share", "latency_p95_ms", "lesion_share", "psi"} <= measured
    assert measured - defined - LIMITS == set()


def test_the_limits_of_drift_are_told_where_its_index_is_defined(built_dbt: DbtHome):
    (index,), (chance,) = built_dbt.query(
        "select definition from metric_definitions where code like 'psi%' order by code"
    )
    limits = yaml.safe_load(project_file("dbt_project.yml").read_text())["vars"]["drift"]
    assert f"moderate from {limits['moderate_psi']} and large from {limits['large_psi']}" in index
    assert f"above {limits['most_psi_by_chance']} no psi" in chance
