"""What the project says of itself: exposures name what is read, seeds say where they are from."""

import re

import pytest
from dbt_project_home import DbtHome

from warehouse.settings import ROOT
from warehouse.vocabulary import Diagnosis, values

pytestmark = pytest.mark.xdist_group("dbt")

ASKED = re.compile(r"\b(?:from|join) (\w+)")


def exposed(home: DbtHome, name: str) -> set[str]:
    exposure = home.manifest.exposures[f"exposure.dermhouse.{name}"]
    return {node.split(".")[2] for node in exposure.depends_on.nodes}


def test_the_dashboards_exposure_names_every_relation_that_a_chart_asks(built_dbt: DbtHome):
    relations = {node.name for node in built_dbt.manifest.nodes.values()}
    questions = [path.read_text() for path in (ROOT / "api/charts/sql").glob("*.sql")]
    assert questions
    asked = {name for sql in questions for name in ASKED.findall(sql)}
    assert exposed(built_dbt, "dashboards") == asked & relations


def test_the_training_exposure_is_what_a_model_may_see(built_dbt: DbtHome):
    assert {"ml_train", "ml_tune", "ml_validation"} <= exposed(built_dbt, "training")


def test_a_mart_that_the_dashboards_read_keeps_its_columns_by_contract(built_dbt: DbtHome):
    read = exposed(built_dbt, "dashboards")
    loose = [
        node.name
        for node in built_dbt.manifest.nodes.values()
        if node.name in read and "analytics" in node.fqn and not node.config.contract.enforced
    ]
    assert [name for name in loose if not name.startswith("data_quality")] == []


def test_models_with_logic_have_a_unit_test(built_dbt: DbtHome):
    tested = {test.model for test in built_dbt.manifest.unit_tests.values()}
    assert {
        "int_images__balanced",
        "int_lesion_groups__split",
        "calibration_by_bin",
        "drift_by_bucket",
        "drift_by_day",
        "lesions_by_image_count",
        "mix_by_day",
        "performance_against_reviews",
        "prevalence_by_sex",
        "use_by_day",
    } <= tested


def test_every_diagnosis_has_a_term_in_each_terminology_but_where_there_is_none(
    built_dbt: DbtHome,
):
    terms = built_dbt.query("select distinct system, diagnosis_code from terminology")
    for system in ("SNOMED CT", "ICD-10", "ISIC"):
        assert {code for name, code in terms if name == system} == set(values(Diagnosis))
    verified = built_dbt.query("select count(*) from terminology where is_verified")
    assert verified[0][0] > 0


def test_the_figures_of_a_model_are_defined_once(built_dbt: DbtHome):
    defined = {code for (code,) in built_dbt.query("select code from metric_definitions")}
    source = (ROOT / "ml/metrics.py").read_text()
    written = set(re.findall(r'\("all", "(\w+)"\)', source)) | {"recall", "precision", "auc"}
    assert written <= defined
