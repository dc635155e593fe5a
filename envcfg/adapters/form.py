"""The encoded form of a config that was read, to see whether it changed."""

from typing import Any

from envcfg.core.code import Coded
from envcfg.core.encoding import encode
from envcfg.core.normal import normal
from envcfg.core.packed import packed
from envcfg.core.tree import Marker, Path, Tree


def form(config: Any) -> bytes:
    """The form of *config*. Two configs have the same form if all of their values are equal."""
    return packed(config) or encode(normal(config, _marker))


def _marker(_: Path, reason: Coded) -> Tree:
    return Marker("unreadable", str(reason))
