"""The plugin of `make test-minimum`, in a small project with the plugin's own files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = """
[project]
name = "envcfg"
dependencies = ["pytest>=8"]

[project.optional-dependencies]
absent = ["no-such-distribution>=1"]
figures = ["pytest>=8"]

[tool.pytest.ini_options]
addopts = "-p no:importnb"
markers = ["needs: the extras that a test needs"]
"""
PRODUCT = """
from envcfg.core.errors import MissingExtraError

def draw():
    try:
        import no_such_module
    except ImportError as error:
        raise MissingExtraError("drawing", extra="figures") from error
"""
CALLED = "import product\ndef test_a_figure():\n    product.draw()\n"
CALLED_WITH_MARKER = f"import pytest\npytestmark = pytest.mark.needs('figures')\n{CALLED}"
CALLED_AT_IMPORT = "import product\nproduct.draw()\n"
IMPORTED = "import no_such_module\ndef test_a_figure():\n    pass\n"


@pytest.fixture
def project(tmp_path):
    """A folder with the plugin, a package that needs an extra, and no tests."""
    for name in ("tests/allowed.py", "scripts/least_versions.py"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "product.py").write_text(PRODUCT)
    return tmp_path


def run(project, part, test):
    (project / "tests/test_one.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-p", "allowed", "--part", part, "tests"]
    path = os.pathsep.join([str(project / "tests"), str(project), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_without_a_package_of_the_part_no_test_is_started(project):
    done = run(project, "absent", "def test_nothing():\n    pass\n")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "absent needs no-such-distribution" in done.stderr


@pytest.mark.parametrize(
    ("test", "status"),
    [(CALLED, pytest.ExitCode.TESTS_FAILED), (CALLED_AT_IMPORT, pytest.ExitCode.INTERRUPTED)],
    ids=["in a test", "at import"],
)
def test_a_missing_extra_without_a_marker_is_a_failure(project, test, status):
    done = run(project, "core", test)
    assert done.returncode == status
    assert "MissingExtraError" in done.stdout


def test_a_marked_test_is_skipped_only_in_a_part_without_its_extra(project):
    done = run(project, "core", CALLED_WITH_MARKER)
    assert (done.returncode, "1 skipped: needs the extra figures" in done.stdout) == (pytest.ExitCode.OK, True)
    assert run(project, "figures", CALLED_WITH_MARKER).returncode == pytest.ExitCode.TESTS_FAILED


def test_a_file_that_imports_an_absent_package_itself_is_skipped(project):
    done = run(project, "core", IMPORTED)
    assert "1 skipped: needs the package no_such_module" in done.stdout
