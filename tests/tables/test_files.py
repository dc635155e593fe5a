"""Tables as files."""

import csv
import io

import polars as pl

from envcfg.analysis.documents.exports import cell
from envcfg.tables.files import csv_bytes

ESCAPES = "\x1b[31mred\x1b]0;title\x07\r\u202e"


def test_a_csv_file_holds_no_control_character():
    frame = pl.DataFrame({f"name {ESCAPES}": [ESCAPES, "plain", None], "list": [[ESCAPES], [], None], "n": [1, 2, 3]})
    text = csv_bytes(frame).decode()
    assert all(char.isprintable() or char == "\n" for char in text)
    header, first, second, _ = csv.reader(io.StringIO(text))
    assert header == ["name \\x1b[31mred\\x1b]0;title\\x07\\r\\u202e", "list", "n"]
    assert first[0] == "\\x1b[31mred\\x1b]0;title\\x07\\r\\u202e"
    assert second == ["plain", "[]", "2"]


def test_a_cell_of_the_parameters_is_on_one_line():
    assert cell(f"task\n{ESCAPES}").isprintable()
