"""Text and tables on a terminal of any width: nothing breaks within a word."""

import io
import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from envcfg.cli.layout import folded, hanging, widths
from envcfg.cli.printing import grid

WORDS = st.text(st.sampled_from("ab/.:-[]_0é宽"), min_size=1, max_size=30)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
NUMBER = "-1,234.567"


@given(TEXTS, st.integers(1, 60))
def test_folding_loses_nothing_but_blanks(text, width):
    assert re.sub(r"\s", "", folded(Text(text), width).plain) == re.sub(r"\s", "", text)


@given(TEXTS, st.integers(31, 80))
def test_a_line_is_no_wider_than_asked_for_if_every_word_fits(text, width):
    lines = hanging(Text(text), 2 * width, 2).plain.split("\n")
    assert all(cell_len(line) <= 2 * width for line in lines)


@given(TEXTS, st.integers(62, 90))
def test_words_that_fit_stay_whole(text, width):
    assert folded(Text(text), width).plain.split() == text.split()


def test_a_long_key_breaks_after_a_sign_and_a_number_never_breaks():
    assert folded(Text(f"game.map_builder.objects.wall {NUMBER} 2026-11-23"), 14).plain.split("\n") == [
        "game.",
        "map_builder.",
        "objects.wall",
        NUMBER,
        "2026-11-23",
    ]


def test_a_number_and_its_sign_stay_on_one_line():
    assert folded(Text("with a 95 % interval, p < 0.05"), 10).plain.split("\n") == [
        "with a",
        "95 %",
        "interval,",
        "p < 0.05",
    ]


def test_a_cell_with_blanks_gets_narrower_before_a_name_breaks():
    found = widths([[Text("forage/winter"), Text("behind the first")], [Text("a/b"), Text("0.1")]], 25)
    assert found == [13, 10]


def test_later_lines_hang_below_the_first():
    assert hanging(Text("  ! one two three"), 10, 2).plain == "  ! one\n    two\n    three"


def printed(columns, rows, width):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(grid(columns, [list(map(Text, row)) for row in rows], width))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


COLUMNS = [("key", "left"), ("value", "right")]


def test_a_table_that_fits_has_a_line_for_each_row():
    assert printed(COLUMNS, [("a.key", "1"), ("b", "23")], 40) == [
        "key    value",
        "────────────",
        "a.key      1",
        "b         23",
    ]


def test_a_narrow_table_breaks_between_words():
    assert printed(COLUMNS, [("a first key", "1")], 14) == ["key      value", "──────────────", "a first      1", "key"]


def test_a_table_that_would_be_too_tall_is_shown_row_by_row():
    assert printed(COLUMNS, [("one two three four five", "1234567"), ("b", "")], 14) == [
        "one two three",
        "  four five",
        "  value",
        "    1234567",
        "b",
        "",
    ]
