"""A table of the programs of others that ran without envcfg and with it."""

from importlib.metadata import version

import pytest

THINGS = ("stdout", "status", "config", "files", "weights", "record")
HEADS = ("program", "version", *THINGS)


@pytest.fixture
def compared(record_property):
    """Add a row to the table that stands at the end; gives the differences back."""

    def add(program, package, differences):
        answers = ["-" if thing not in differences else "differs" if differences[thing] else "same" for thing in THINGS]
        release = package.strip() if package.endswith(" ") else version(package)
        record_property("compared", [program, release, *answers])
        return differences

    return add


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    rows = [row for report in reports for name, row in report.user_properties if name == "compared"]
    if rows:
        terminalreporter.section("without envcfg and with it")
        widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
        for row in (HEADS, *sorted(rows)):
            terminalreporter.write_line("  ".join(map(str.ljust, row, widths)).rstrip())
