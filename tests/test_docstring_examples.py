"""The examples in the docstrings of the public functions run, and give what they show."""

import doctest
import importlib
from collections.abc import Callable
from typing import Any

import pytest

import envcfg
from envcfg import figures, tables

FUNCTIONS: list[Callable[..., Any]] = [
    *(getattr(figures, name) for name in figures.__all__),
    *(getattr(tables, name) for name in tables.__all__),
    *(envcfg.effects, envcfg.calibration, envcfg.correlations, envcfg.replay),
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: f"{function.__module__}.{function.__name__}")
def test_a_public_function_has_an_example_that_gives_what_it_shows(function, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(function.__module__)
    (found,) = doctest.DocTestFinder(recurse=False).find(function, function.__name__, module=module)
    assert found.examples
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(found).failed == 0
