"""What commands print about the samples, at the widths of terminals."""

import re
from functools import cache

import pytest
import text_pages
from help_pages import are_pinned
from rich.cells import cell_len

NUMBER = re.compile(r"[-+]?\d[\d,]*(?<!,)(?:\.\d+)?")

pages = cache(text_pages.pages)


@pytest.mark.parametrize("width", text_pages.WIDTHS)
def test_every_page_equals_its_golden_file(width):
    if not are_pinned("rich"):
        pytest.skip("the golden files are made with the version of constraints.txt")
    kept = {path.stem: path.read_text(encoding="utf-8") for path in (text_pages.GOLDEN / str(width)).glob("*.txt")}
    made = pages(width)
    assert worded(kept) == worded(made), "if the new pages are as they should be: python tests/cli/text_pages.py"
    for name in text_pages.COMPUTED:
        assert numbers(made[name]) == pytest.approx(numbers(kept[name]), rel=0.02, abs=0.011), name


def worded(texts):
    """The texts, without the numbers that a library computes."""
    return {name: NUMBER.sub("#", text) if name in text_pages.COMPUTED else text for name, text in texts.items()}


def numbers(text):
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


@pytest.mark.parametrize("width", text_pages.WIDTHS)
def test_no_line_is_wider_than_the_terminal(width):
    for name, text in pages(width).items():
        assert max(map(cell_len, text.splitlines())) <= width, name
