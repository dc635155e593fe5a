"""A plugin, `-p allowed`: a test that needs another extra than the one that is tested is skipped.

A test says what it needs by the marker `needs`, or by an import of a package in the test's own files.
Nothing else is a reason to skip. If envcfg itself misses a package, the test fails. `make test-minimum` uses the
plugin. `--part` names the extra that is installed, and `--result` a file for the counts.
"""

import ast
import json
import runpy
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LEAST = runpy.run_path(str(TESTS.parent / "scripts" / "least_versions.py"))
MARKER = "needs"


def pytest_addoption(parser):
    parser.addoption("--part", default="core", choices=["core", *LEAST["EXTRAS"]])
    parser.addoption("--result", type=Path)


def pytest_configure(config):
    """Refuse to start without a package of the part: its tests would be skipped, and nobody would see it."""
    config.stash[VERSIONS] = {name: installed(name) for name in LEAST["own_packages"](config.option.part)}
    absent = [name for name, found in config.stash[VERSIONS].items() if found is None]
    if absent:
        raise pytest.UsageError(f"{config.option.part} needs {', '.join(absent)}: install the least versions first")


VERSIONS = pytest.StashKey[dict[str, str]]()


def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def pytest_collection_modifyitems(config, items):
    for item in items:
        extras = [extra for marker in item.iter_markers(MARKER) for extra in marker.args]
        needs_other = reason(config, extras)
        if needs_other:
            item.add_marker(pytest.mark.skip(reason=needs_other))


def reason(config, extras):
    """Why tests that need *extras* are skipped; empty if the part has them all."""
    others = sorted(set(extras) - LEAST["extras_of"](config.option.part))
    return f"needs the extra {' and '.join(others)}" if others else ""


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if report.failed and isinstance(collector, pytest.Module):
        needs_other = reason(collector.config, marked(collector.path)) or package_of_tests(report.call.excinfo.value)
        if needs_other:
            report.outcome = "skipped"
            report.longrepr = (str(collector.path), 0, needs_other)
    return report


def marked(path):
    """The extras that a file marks as needed by all of its tests: `pytestmark = pytest.mark.needs("figures")`."""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id="pytestmark")], value=ast.Call(func=ast.Attribute(attr="needs"), args=extras)
            ):
                return [ast.literal_eval(extra) for extra in extras]
    return []


def package_of_tests(error):
    """The reason to skip a file, if an import in the folder of the tests found no package; otherwise empty."""
    while error.__cause__ is not None:
        error = error.__cause__
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return ""
    *_, importing = (place for place in frames(error) if not place.startswith("<frozen"))
    return f"needs the package {error.name.partition('.')[0]}" if Path(importing).is_relative_to(TESTS) else ""


def frames(error):
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename
        traceback = traceback.tb_next


def pytest_terminal_summary(terminalreporter, config):
    reports = terminalreporter.stats
    skipped = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in reports.get("skipped", []))
    for why, count in skipped.most_common():
        terminalreporter.write_line(f"{count} skipped: {why}")
    if config.option.result is not None:
        counts = {kind: len(reports.get(kind, [])) for kind in ("passed", "failed", "error")}
        result = {"versions": config.stash[VERSIONS], **counts, "skipped": skipped}
        config.option.result.write_text(json.dumps(result), encoding="utf-8")
