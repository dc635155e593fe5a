"""What `--help` prints, for every command."""

import re
from functools import cache

import help_pages
import pytest

pages = cache(help_pages.pages)


@pytest.mark.parametrize("width", help_pages.WIDTHS)
def test_every_help_page_equals_its_golden_file(width):
    if not help_pages.are_pinned("typer", "rich"):
        pytest.skip("the golden files are made with the versions of constraints.txt")
    found = pages(width)
    kept = {path.stem: path.read_text(encoding="utf-8") for path in help_pages.GOLDEN.glob(f"{width}/*.txt")}
    assert kept == found, "if the new pages are as they should be: python tests/cli/help_pages.py"


@pytest.mark.parametrize("width", help_pages.WIDTHS)
def test_no_help_page_shows_a_python_type(width):
    for name, page in pages(width).items():
        assert not re.findall(r"\{[^}]*\}|<bool>|BOOLEAN|<?list\[|typing\.|Annotated|<typer|default: None", page), name


@pytest.mark.parametrize("width", help_pages.WIDTHS)
def test_no_line_of_a_help_page_is_wider_than_the_terminal(width):
    assert max(len(line) for page in pages(width).values() for line in page.splitlines()) <= width


def test_every_argument_and_option_has_a_help_text():
    from typer.main import get_command

    from envcfg.cli.main import app

    group = get_command(app)
    for command in [group, *group.commands.values()]:
        silent = [param.name for param in command.params if not param.help]
        assert not silent, command.name


def test_a_usage_line_shows_arguments_as_the_examples_do():
    usage = {name: re.search(r"Usage: (.*)", page)[1].rstrip() for name, page in pages(120).items()}
    assert usage["show"] == "envcfg show [OPTIONS] RUN [MOMENT]"
    assert usage["diff"] == "envcfg diff [OPTIONS] RUN A [B]"
    assert usage["doctor"] == "envcfg doctor [OPTIONS] [WHERE] [OVERRIDE]..."
    assert usage["report"] == "envcfg report [OPTIONS] RUN..."
