"""Where two catalogues say the same thing, they say the same."""

import csv

import pytest
import yaml
from dbt.contracts.graph.manifest import Manifest
from dbt_project_home import DbtHome, project_file
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Text

from warehouse.store import BUSY_TIMEOUT_SECONDS
from warehouse.tables import NOT_COPIED, UtcDateTime, metadata
from warehouse.vocabulary import (
    DIAGNOSIS_NAMES,
    MALIGNANT,
    AliasReason,
    BuildReason,
    Confirmation,
    Dataset,
    Decision,
    Diagnosis,
    FileStatus,
    Localization,
    LookReason,
    Outcome,
    QualityCategory,
    QualityCheck,
    QualityStatus,
    Role,
    Severity,
    Sex,
    Split,
    TrainingStart,
    values,
)

pytestmark = pytest.mark.xdist_group("dbt")

# The first that fits: a BigInteger is an Integer too.
TYPES = {
    UtcDateTime: "timestamp",
    Boolean: "boolean",
    BigInteger: "bigint",
    Integer: "integer",
    Float: "double precision",
    Text: "text",
}
LISTS = {
    "diagnoses": Diagnosis,
    "confirmations": Confirmation,
    "sexes": Sex,
    "localizations": Localization,
    "sources": Dataset,
    "file_statuses": FileStatus,
    "outcomes": Outcome,
    "quality_checks": QualityCheck,
    "quality_categories": QualityCategory,
    "quality_severities": Severity,
    "quality_statuses": QualityStatus,
    "build_reasons": BuildReason,
    "look_reasons": LookReason,
    "alias_reasons": AliasReason,
    "training_starts": TrainingStart,
    "decisions": Decision,
    "splits": Split,
    "roles": Role,
}


COPIED = [table for table in metadata.tables.values() if table.name not in NOT_COPIED]


def variables() -> dict:
    return yaml.safe_load(project_file("dbt_project.yml").read_text())["vars"]


def seed(name: str) -> list[dict[str, str]]:
    with project_file(f"seeds/{name}.csv").open() as file:
        return list(csv.DictReader(file))


def duckdb_type(column: Column) -> str:
    return next(name for kind, name in TYPES.items() if isinstance(column.type, kind))


def models(manifest: Manifest) -> dict:
    return {
        node.name: node
        for node in manifest.nodes.values()
        if node.resource_type in ("model", "seed", "snapshot")
    }


@pytest.mark.parametrize("table", COPIED, ids=lambda table: table.name)
def test_a_raw_model_copies_every_column_of_its_table_with_its_type(built_dbt: DbtHome, table):
    raw = models(built_dbt.manifest)[f"raw_operational__{table.name}"]
    copied = {name: column.data_type for name, column in raw.columns.items()}
    assert copied == {column.name: duckdb_type(column) for column in table.columns}
    key = raw.config.unique_key
    assert [key] if isinstance(key, str) else key == [c.name for c in table.primary_key]


def test_children_are_copied_before_their_parents(built_dbt: DbtHome):
    raw = models(built_dbt.manifest)
    for table in COPIED:
        parents = {key.column.table.name for key in table.foreign_keys} - {table.name}
        for parent in parents:
            copied_before = raw[f"raw_operational__{parent}"].depends_on.nodes
            assert f"model.dermhouse.raw_operational__{table.name}" in copied_before


def test_the_lineage_of_a_raw_model_begins_at_its_table_in_the_store(built_dbt: DbtHome):
    raw = models(built_dbt.manifest)
    told = {table.name for table in built_dbt.manifest.sources.values()}
    assert told == {table.name for table in COPIED}
    for name in told:
        upstream = raw[f"raw_operational__{name}"].depends_on.nodes
        began = [node for node in upstream if node.startswith("source.")]
        assert began == [f"source.dermhouse.operational.{name}"]


def test_the_watermarks_are_of_the_tables_there_are(built_dbt: DbtHome):
    marked = built_dbt.query("select table_name from warehouse_watermarks")
    assert {name for (name,) in marked} == {table.name for table in COPIED}


@pytest.mark.parametrize("name", sorted(NOT_COPIED))
def test_what_must_not_leave_the_store_has_no_model(built_dbt: DbtHome, name: str):
    assert metadata.tables[name].columns
    sources = [node.raw_code for node in built_dbt.manifest.nodes.values()]
    assert not any(name in source for source in sources)


def test_the_overlap_is_longer_than_a_commit_can_wait():
    assert variables()["watermark_overlap_seconds"] > 2 * BUSY_TIMEOUT_SECONDS


@pytest.mark.parametrize("name", LISTS)
def test_a_closed_list_has_the_words_of_the_vocabulary(name: str):
    assert variables()["closed_lists"][name] == values(LISTS[name])


@pytest.mark.parametrize(
    ("name", "vocabulary"),
    [
        ("diagnoses", Diagnosis),
        ("localizations", Localization),
        ("confirmation_methods", Confirmation),
        ("sources", Dataset),
        ("quality_checks", QualityCheck),
    ],
)
def test_a_seed_names_every_word_of_its_list(name: str, vocabulary):
    rows = seed(name)
    assert [row["code"] for row in rows] == values(vocabulary)
    assert all(row["name"] for row in rows)


def test_diagnoses_have_the_names_and_the_malignancy_of_the_vocabulary():
    for row in seed("diagnoses"):
        code = Diagnosis(row["code"])
        assert row["name"] == DIAGNOSIS_NAMES[code]
        assert (row["is_malignant"] == "true") == (code in MALIGNANT)


def test_the_listed_pairs_are_the_published_ones():
    relations = [row["relation"] for row in seed("lesion_aliases")]
    assert (relations.count("same_lesion"), relations.count("near_duplicate")) == (18, 2)


def test_every_relation_is_described_column_by_column(built_dbt: DbtHome):
    for name, node in models(built_dbt.manifest).items():
        built = built_dbt.query(f"describe {node.schema}.{name}")
        assert node.description, name
        assert list(node.columns) == [column[0] for column in built], name
        assert all(column.description for column in node.columns.values()), name


def test_every_relation_has_a_tested_key(built_dbt: DbtHome):
    tested = {
        node.attached_node
        for node in built_dbt.manifest.nodes.values()
        if node.resource_type == "test" and getattr(node, "test_metadata", None)
        if node.test_metadata.name == "primary_key"
    }
    assert tested == {node.unique_id for node in models(built_dbt.manifest).values()}


def test_every_key_of_a_fact_is_tested_against_its_dimension(built_dbt: DbtHome):
    tests = [
        node
        for node in built_dbt.manifest.nodes.values()
        if node.resource_type == "test" and node.name.endswith("_foreign_keys")
    ]
    tested = {node.attached_node: set(node.test_metadata.kwargs["references"]) for node in tests}
    for name, node in models(built_dbt.manifest).items():
        if name.startswith("fct_"):
            keys = {column for column in node.columns if column.endswith("_key")}
            assert keys <= tested.get(node.unique_id, set()), name
