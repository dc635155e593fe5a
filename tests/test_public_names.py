"""A public name means one thing in the whole package."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "envcfg"
STUBS = sorted(PACKAGE.rglob("__init__.pyi"))


def module_of(stub, node):
    """The file that *node*, a `from ... import` of *stub*, names."""
    return stub.parents[node.level - 1].joinpath(*(node.module or "").split("."))


def origin(file, name):
    """Where the *name* of *file* is defined: its own place, or the one that it hands the name on from."""
    source = file.with_suffix(".py")
    tree = ast.parse(source.read_text(encoding="utf-8")).body if source.exists() else []
    given = [node for node in tree if isinstance(node, ast.ImportFrom) and node.module.startswith("envcfg.")]
    on = [node.module for node in given if name in [alias.name for alias in node.names]]
    is_handed_on = len(on) == 1 and not any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in tree)
    return PACKAGE.parent.joinpath(*on[0].split(".")) if is_handed_on else file


@cache
def public_names():
    """Each public name with the places that define it; a package of ours that another one lists is no such name."""
    found = defaultdict(set)
    for stub in STUBS:
        for node in ast.parse(stub.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                for alias in node.names:
                    place = origin(module_of(stub, node), alias.name)
                    found[alias.asname or alias.name].add(place.relative_to(PACKAGE).as_posix())
    return found


@cache
def classes():
    """Each class of the package with the files that define it."""
    found = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].add(path.relative_to(PACKAGE).with_suffix("").as_posix())
    return found


@pytest.mark.parametrize("name", sorted(public_names()))
def test_a_public_name_is_defined_once(name):
    assert len(public_names()[name]) == 1


@pytest.mark.parametrize("name", sorted(public_names()))
def test_no_other_class_has_a_public_name(name):
    assert len(public_names()[name] | classes().get(name, set())) == 1


def test_the_stubs_that_are_read_are_those_of_the_public_packages():
    names = {stub.parent.name for stub in STUBS}
    assert {"envcfg", "adapters", "figures", "sinks", "sources", "tables"} <= names
