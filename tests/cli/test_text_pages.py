"""What commands print about the samples, at the widths of terminals."""

from functools import cache

import pytest
import text_pages
from help_pages import are_pinned
from rich.cells import cell_len

pages = cache(text_pages.pages)


@pytest.mark.parametrize("width", text_pages.WIDTHS)
def test_every_page_equals_its_golden_file(width):
    if not are_pinned("rich"):
        pytest.skip("the golden files are made with the version of constraints.txt")
    kept = {path.stem: path.read_text(encoding="utf-8") for path in (text_pages.GOLDEN / str(width)).glob("*.txt")}
    assert kept == pages(width), "if the new pages are as they should be: python tests/cli/text_pages.py"


@pytest.mark.parametrize("width", text_pages.WIDTHS)
def test_no_line_is_wider_than_the_terminal(width):
    for name, text in pages(width).items():
        assert max(map(cell_len, text.splitlines())) <= width, name
