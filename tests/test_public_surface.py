"""What people read and copy imports envcfg through its public packages alone."""

import ast
import inspect
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
THERE = ["envcfg", *(f"envcfg.{name}" for name in ("adapters", "figures", "sinks", "sources", "tables"))]
PUBLIC = {*THERE, "envcfg.testing"}
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("notebooks/*.md"), *ROOT.glob("notebooks/*.ipynb")]
DEMO = sorted((ROOT / "envcfg" / "demo").glob("*.py"))
HELP = sorted([*(ROOT / "envcfg" / "cli").rglob("*.py"), *ROOT.glob("conf/**/*.yaml")])
PRIVATE = re.compile(r"\benvcfg\.(?:core|journal|tracking|history|analysis|rerun|cli|demo)\b[\w.]*")
IMPORT = re.compile(r"\bfrom (envcfg[\w.]*) import (\w+)|\bimport (envcfg[\w.]*)")


def text(page):
    """A page as it is read; of a notebook the lines of its cells."""
    read = page.read_text(encoding="utf-8")
    if page.suffix != ".ipynb":
        return read
    return "\n".join("".join(cell["source"]) for cell in json.loads(read)["cells"])


def imported(source):
    """The modules that imports in *source* name, wherever they stand in it; of a package the name is followed."""
    for package, name, module in IMPORT.findall(source):
        inner = f"{package}.{name}"
        yield inner if inner in PUBLIC else package or module


def strings(path):
    """The texts of a module of the command line, which help pages and messages are made of."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return "\n".join(
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str
    )


def is_public(module):
    return module in PUBLIC


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_imports_public_packages_only(page):
    assert [module for module in imported(text(page)) if not is_public(module)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_names_no_private_module(page):
    if page.name == "CHANGELOG.md":  # its tables of old names
        return
    assert {name.rstrip(".") for name in PRIVATE.findall(text(page))} <= {"envcfg.demo.train"}


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.name)
def test_the_demo_imports_public_packages_and_itself_only(path):
    found = [module for module in imported(text(path)) if not module.startswith("envcfg.demo.")]
    assert [module for module in found if not is_public(module)] == []


@pytest.mark.parametrize("path", HELP, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_help_and_messages_name_public_packages_only(path):
    read = strings(path) if path.suffix == ".py" else text(path)
    assert [module for module in imported(read) if not is_public(module)] == []


def test_imports_are_found():
    assert sum(1 for page in PAGES for _ in imported(text(page))) > 40
    assert sum(1 for path in DEMO for _ in imported(text(path))) > 10
    assert list(imported("from envcfg.core.tree import Marker")) == ["envcfg.core.tree"]
    assert list(imported("import envcfg.core")) == ["envcfg.core"]
    assert list(imported("from envcfg import tables")) == ["envcfg.tables"]


@pytest.mark.parametrize("package", THERE)
def test_every_public_name_is_loaded_and_documented(package):
    module = import_module(package)
    assert module.__all__
    for name in module.__all__:
        found = loaded(module, name)
        assert name == "__version__" or inspect.getdoc(found), name


def loaded(module, name):
    """The public name of a package; its module where a library is not installed here."""
    try:
        return getattr(module, name)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "envcfg":
            raise
        return error


def test_no_public_name_is_defined_twice_in_a_package():
    for stub in [ROOT / "envcfg" / "__init__.pyi", *ROOT.glob("envcfg/*/__init__.pyi")]:
        names = [alias.name for node in ast.parse(stub.read_text()).body for alias in node.names]
        assert sorted(set(names)) == sorted(names)


BEFORE = {
    "nothing": "",
    "a private module of that name": "import envcfg.figures.run.timeline, envcfg.figures.changes.effects",
    "a command of that name": "import envcfg.cli.main",
    "an analysis of that name": "import envcfg.analysis.effects.effect, envcfg.analysis.run.timeline",
    "the packages beside it": "import envcfg.figures, envcfg.tables, envcfg.analysis.effects.calibration",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("package", ["envcfg", "envcfg.figures", "envcfg.tables"])
def test_a_public_function_is_a_function_whatever_was_imported_before(package, before):
    script = f"""{before}
import importlib, types
package = importlib.import_module({package!r})
for name in package.__all__:
    is_package = f"{package}.{{name}}" in {sorted(PUBLIC)}
    assert isinstance(getattr(package, name), types.ModuleType) is is_package, name
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
