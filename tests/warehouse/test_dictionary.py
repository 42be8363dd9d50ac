"""What dbt says of the relations, written into the build file as it was said."""

import json
from pathlib import Path

import duckdb

from warehouse.dictionary import write_dictionary

SAID = 'The lesion\'s "size" in µm, as \\d+ says; 100 % {of} it'


def test_words_arrive_as_they_were_written_and_a_version_has_every_table(tmp_path: Path):
    model = {
        "resource_type": "model",
        "schema": "main",
        "name": "sizes",
        "description": SAID,
        "fqn": ["dermhouse", "marts", "core", "sizes"],
        "config": {"materialized": "table"},
        "columns": {"size_um": {"description": SAID}},
        "depends_on": {"nodes": []},
    }
    view = model | {"name": "shown", "columns": {}, "config": {"materialized": "view"}}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": {"sizes": model, "shown": view}, "exposures": {}}))
    with duckdb.connect() as connection:
        connection.execute("create table sizes as select 7 as size_um")
        connection.execute("insert into sizes from range(200_000)")
        connection.execute("delete from sizes where size_um <> 7 or rowid > 0")  # replaced, say
        connection.execute("create view shown as select * from sizes")
        for _ in range(2):  # each build writes it anew
            write_dictionary(connection, manifest)
        relations = "select name, layer, description, row_count from dictionary.relations"
        columns = "select name, position, type, description from dictionary.columns"
        assert connection.sql(relations).fetchall() == [
            ("sizes", "core", SAID, 1),
            ("shown", "core", SAID, None),
        ]
        assert ("size_um", 1, "integer", SAID) in connection.sql(columns).fetchall()
        for empty in ("tests", "lineage", "exposures"):
            assert connection.sql(f"from dictionary.{empty}").fetchall() == []
