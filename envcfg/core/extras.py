"""Imports a library that only one sink or source needs. mypy does not read it: some are larger than this package."""

from importlib import import_module
from typing import Any

from envcfg.core.errors import MissingExtraError


def needed(module: str, what: str, *, extra: str) -> Any:
    """Import *module* for *what*. Raises `MissingExtraError` if it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(what, extra=extra) from error
