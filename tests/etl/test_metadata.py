"""The CSV is read row by row, whatever shape a row has."""

from pathlib import Path

import pytest

from etl.metadata import read_csv
from warehouse.errors import BadInputError


def read(tmp_path: Path, content: str | bytes):
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_csv(path, ["a", "b"])


def test_a_row_keeps_its_physical_line_past_blank_lines_and_quoted_breaks(tmp_path):
    rows = read(tmp_path, 'a,b\n1,x\n\n"2\n2",x\r\n3,x\n\n')
    assert list(rows.index) == [2, 4, 6]
    assert list(rows["a"]) == ["1", "2\n2", "3"]


def test_text_stays_text(tmp_path):
    rows = read(tmp_path, "a,b\n007,NA\n,nan\n")
    assert rows[["a", "b"]].to_numpy().tolist() == [["007", "NA"], ["", "nan"]]


def test_rows_with_too_many_or_too_few_fields_are_marked_and_hide_no_other(tmp_path):
    rows = read(tmp_path, "a,b\n1,2,3\n1,2,3,4\n1\n1,2\n")
    assert list(rows["fault"]) == [
        "more fields than the header's 2",
        "more fields than the header's 2",
        "fewer fields than the header's 2",
        "",
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    assert list(read(tmp_path, b"\xef\xbb\xbfa, b\n1,2\n")["a"]) == ["1"]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b;c\n1,2;3\n",
        b"a\tb;c, d\n1\t2;3\n",
        b"\xef\xbb\xbfa;b\r\n1;2;3\r\n",
        b'"a";"b";"c,d,e"\n1;"2;3";\n',
    ],
)
def test_the_mark_that_shows_the_names_in_the_header_parts_the_rows(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert list(read_csv(path, ["a"])["a"]) == ["1"]


def test_semicolons_keep_commas_in_fields_and_faults_in_rows(tmp_path):
    rows = read(tmp_path, 'a;b\n1,5;"x;y"\n1;2;3\n')
    assert rows[["a", "b"]].to_numpy().tolist() == [["1,5", "x;y"], ["1", "2"]]
    assert list(rows["fault"]) == ["", "more fields than the header's 2"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\n1,2\n", "column a, b is missing"),
        (b"a,b\n", "not one row"),
        (b"a,b\n\n\n", "not one row"),
        (b"a,c\n1,2\n", "column b is missing"),
        (b"a,b\n1,2\n1,\xe9\n", "line 3: not UTF-8"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "not UTF-8"),
        (b"a,b\n1,\0\n", "not text"),
        (b"a,b,b\n1,2,3\n", "not a CSV"),
        (b'a,b\n1,"2\n3,4\n', "never closed"),
        (b'a,b\n1,2\n1,"2\n3,4\n', "never closed"),
        (b"x" * 200_000 + b"\n3\n", "not a CSV that can be read: field larger"),
        (b'a,b\n1,"' + b"x" * 200_000 + b'"\n3,4\n', "more than 131072 characters"),
    ],
    ids=range(14),
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence_that_names_it(tmp_path, content, words):
    with pytest.raises(BadInputError, match=words) as error:
        read(tmp_path, content)
    assert "table.csv" in str(error.value)
    assert "\n" not in str(error.value)
