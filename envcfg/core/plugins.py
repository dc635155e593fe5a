"""Finds the plugins of installed packages by the names of their entry points."""

import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

from envcfg.core.errors import ConfigError
from envcfg.core.selection import near_text


def plugins(group: str) -> Mapping[str, EntryPoint]:
    """The entry points of *group* by name, in the order of their names; nothing is imported yet."""
    return _plugins(group, tuple(sys.path))


def plugin(group: str, name: str, built_in: Mapping[str, str] = MappingProxyType({})) -> EntryPoint:
    """The entry point called *name*, or the object at a reference `module:attribute`; nothing is imported yet.

    *built_in* has references by the names that envcfg itself has. An installed package may take such a name.

    Raises `ConfigError` for an unknown name, with the names that exist.
    """
    if ":" not in name:
        known = {**{own: EntryPoint(own, value, group) for own, value in built_in.items()}, **plugins(group)}
        if name not in known:
            raise ConfigError(f"no plugin named {name!r} is installed{near_text(name, known)}")
        return known[name]
    module, _, attribute = name.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), *attribute.split("."))):
        raise ConfigError(
            f"{name!r}: expected the name of an installed plugin, or module:attribute such as my_sinks:CsvSink"
        )
    return EntryPoint(name, name, group)


def has_methods(made: Any, names: tuple[str, ...]) -> bool:
    return all(callable(getattr(made, name, None)) for name in names)


@lru_cache(maxsize=32)
def _plugins(group: str, _path: tuple[str, ...]) -> Mapping[str, EntryPoint]:
    """The entry points of a group, found once for each search path, since this takes some milliseconds."""
    found = {entry.name: entry for entry in entry_points(group=group)}
    return MappingProxyType(dict(sorted(found.items())))
