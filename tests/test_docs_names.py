"""Python in the documentation says where each name of envcfg comes from."""

import ast
import builtins
import json
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("notebooks/*.md"), *ROOT.glob("notebooks/*.ipynb")]
BLOCK = re.compile(r"(?ms)^( *)```python\n(.*?)^ *```$")
CALL = re.compile(r"(?<!`)`([^`\n]+\([^`\n]*)`(?!`)")
READERS_OWN = {"tracker"}  # what pages call the reader's tracker; envcfg.tracker is named in full


@cache
def names_of_envcfg():
    """Everything public that a module of envcfg defines, and the package's own name."""
    found = {"envcfg"}
    library = [path for path in (ROOT / "envcfg").rglob("*.py") if not {"cli", "demo"} & set(path.parts)]
    for path in library:
        body = ast.parse(path.read_text(encoding="utf-8")).body
        found |= {node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    return {name for name in found if not name.startswith("_")} - set(dir(builtins)) - READERS_OWN


@cache
def names_to_import():
    """Those, modules of Python and of installed packages, and what people call some of these."""
    return names_of_envcfg() | (sys.stdlib_module_names | {*packages_distributions(), "np", "pd", "pl"}) - READERS_OWN


def is_imported_somewhere(name):
    """Whether a reader must be told where *name* comes from: it is such a name, or one of a class."""
    return name in names_to_import() or bool(re.fullmatch(r"([A-Z]+[a-z]+)+\w*", name))


def blocks(page):
    """The Python that a page shows to be copied, in its order."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        return [code for _, code in BLOCK.findall(text)]
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return ["".join(cell["source"]) for cell in cells]


def lines(page):
    """The Python of one line that a page's sentences and tables show, such as `RecordedEnv(env, tracker)`."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8")) if page.suffix == ".md" else ""
    for code in CALL.findall(text):
        try:
            yield ast.parse(code.replace("...", ""))
        except SyntaxError:
            continue


def loaded(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def bound(tree):
    """Names that are imported, assigned, defined or taken as an argument."""
    for node in ast.walk(tree):
        match node:
            case ast.alias():
                yield (node.asname or node.name).partition(".")[0]
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.arg():
                yield node.arg
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name


def test_the_names_are_found():
    assert {"envcfg", "RecordedVectorEnv", "SB3Callback", "load", "timeline"} <= names_of_envcfg()
    assert sum(len(blocks(page)) for page in PAGES) > 40
    assert sum(1 for page in PAGES for _ in lines(page)) > 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_block_uses_no_class_and_no_module_that_its_page_has_not_imported(page):
    known = set()
    for code in blocks(page):
        tree = ast.parse(code)
        known |= set(bound(tree))
        unsaid = {name for name in loaded(tree) - known - set(dir(builtins)) if is_imported_somewhere(name)}
        assert not unsaid, code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_class_of_envcfg_that_a_sentence_makes_is_imported_on_its_page(page):
    known = {name for code in blocks(page) for name in bound(ast.parse(code))}
    made = {base_name(node.func) for tree in lines(page) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    classes = {name for name in names_of_envcfg() if name[0].isupper()}
    assert not made & classes - known


def base_name(function):
    while isinstance(function, ast.Attribute):
        function = function.value
    return function.id if isinstance(function, ast.Name) else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_imports_from_envcfg_is_there(page):
    for code in blocks(page):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "envcfg":
                assert find_spec(node.module), code
                assert {alias.name for alias in node.names} <= names_of_envcfg() | {"tables", "tracker"}, code
