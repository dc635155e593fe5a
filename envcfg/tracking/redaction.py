"""Secrets reach neither disk nor network: what is left out of a config, and how it is told."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from envcfg.core.tree import Config, Marker, Path, Tree

_SECRET_KEY = re.compile(
    r"(?i)(^|[_\-.])(pass(word|wd|phrase)?|secrets?|(auth|access|api|bearer|refresh)[_\-]?tokens?"
    r"|api[_\-]?keys?|private[_\-]?keys?|access[_\-]?keys?|credentials?)($|[_\-.])|^token$"
)
_TOKEN = re.compile(r"(?i)(^|[_\-.])token($|[_\-.])")
"""Of access, or of an observation or a text: `pad_token: 0`, `token_value_base: 256` are no secrets."""
_FROM_ENVIRONMENT = re.compile(r"\$\{\s*oc\.env\s*:\s*([^,}\s]+)")
_SHORTEST = 5
_SHORTEST_NUMBER = 8
"""Characters from which a value of the environment is looked for inside others: a rank of 0 is found everywhere."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """The rule: values under a secret's name, and values of the environment that came through `oc.env`.

    *reveal* names the environment variables whose values may be recorded.
    """

    reveal: frozenset[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def plain(self, config: Config, secrets: frozenset[str] = frozenset()) -> Config:
        """*config* without what stands under a secret's name, and without *secrets* that turn up in its values."""
        named = {key: _without_secrets(key, value) for key, value in config.items()}
        return _replaced(named, lambda _, value: _mentioned(value, secrets)) if secrets else named

    def template(self, config: Config) -> Config:
        """The interpolations as written stay, except literals under a secret's name."""
        return _replaced(config, lambda at, value: None if _is_bare_interpolation(value) else _named_secret(at, value))

    def overrides(self, overrides: Iterable[str]) -> tuple[str, ...]:
        """Hydra overrides without the values of those that set a secret."""
        return tuple(_override(override) for override in overrides)

    def names(self, template: Tree) -> frozenset[str]:
        """The environment variables that the interpolations of *template* read and that are not revealed."""
        return frozenset(name for text in _texts(template) for name in self._hidden(text))

    def values(self, names: Iterable[str]) -> frozenset[str]:
        """The values of these environment variables, of those long enough to be recognised."""
        values = (self.environment[name] for name in names if name in self.environment)
        return frozenset(
            value for value in values if len(value) >= (_SHORTEST_NUMBER if value.isdigit() else _SHORTEST)
        )

    def resolved(self, config: Config, *, template: Config, secrets: frozenset[str]) -> Config:
        """*config* without secrets; *template* is the same config as written."""
        direct = set(_paths_from_environment(template, self._hidden))

        def why(path: Path, value: Tree) -> str | None:
            return "oc.env" if path in direct else _mentioned(value, secrets) or _named_secret(path, value)

        return _replaced(config, why)

    def _hidden(self, text: str) -> set[str]:
        """The environment variables that an interpolation reads and that are not revealed."""
        return {name.strip("'\"") for name in _FROM_ENVIRONMENT.findall(text)} - self.reveal


@lru_cache(maxsize=4096)
def _is_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


@lru_cache(maxsize=4096)
def _is_token(key: str) -> bool:
    return _TOKEN.search(key) is not None


def _hides(key: str, value: Tree) -> bool:
    """Whether *key* names a secret that *value* can be: short numbers are no tokens of access."""
    return _is_secret(key) or (_is_token(key) and not _is_short_number(value))


def _is_short_number(value: Tree) -> bool:
    return isinstance(value, int | float) and len(str(value)) < _SHORTEST_NUMBER


def _without_secrets(key: str, tree: Tree) -> Tree:
    if _is_secret(key) or _is_token(key):
        return _replaced({key: tree}, _named_secret)[key]
    if isinstance(tree, dict):
        return {inner: _without_secrets(inner, value) for inner, value in tree.items()}
    if isinstance(tree, list):
        return [_without_secrets("", value) if isinstance(value, dict | list) else value for value in tree]
    return tree


def _named_secret(path: Path, value: Tree) -> str | None:
    """Why a leaf is left out, by its own key or that of an object around it."""
    return next((str(part) for part in path if isinstance(part, str) and _hides(part, value)), None)


def _override(override: str) -> str:
    key, equals, value = override.partition("=")
    number = int(value) if value.isdecimal() else value
    return f"{key}=<redacted>" if equals and _named_secret(tuple(key.split(".")), number) else override


def _is_bare_interpolation(value: Tree) -> bool:
    """An interpolation that carries no literal of its own, such as a default."""
    return isinstance(value, str) and re.fullmatch(r"\$\{[^,{}]*\}", value) is not None


def _mentioned(value: Tree, secrets: frozenset[str]) -> str | None:
    """Why a value is left out that holds a secret: it came through references, or the app passed it on."""
    if isinstance(value, bool | Marker | list | dict | None):
        return None
    text = str(value)
    return "oc.env" if any(secret in text for secret in secrets) else None


def _paths_from_environment(template: Config, hidden: Callable[[str], set[str]]) -> list[Path]:
    found: list[Path] = []

    def note(path: Path, value: Tree) -> str | None:
        if isinstance(value, str) and hidden(value):
            found.append(path)
        return None

    _replaced(template, note)
    return found


def _texts(tree: Tree) -> list[str]:
    match tree:
        case str():
            return [tree]
        case dict():
            return [text for value in tree.values() for text in _texts(value)]
        case list():
            return [text for value in tree for text in _texts(value)]
        case _:
            return []


def _replaced(config: Config, why: Callable[[Path, Tree], str | None]) -> Config:
    """A copy of *config* in which each leaf that *why* gives a reason for is a marker that tells the reason."""

    def walk(tree: Tree, at: Path) -> Tree:
        if isinstance(tree, dict):
            return {key: walk(value, (*at, key)) for key, value in tree.items()}
        if isinstance(tree, list):
            return [walk(value, (*at, index)) for index, value in enumerate(tree)]
        reason = None if tree is None or isinstance(tree, Marker) else why(at, tree)
        return tree if reason is None else Marker("redacted", reason)

    return {key: walk(value, (key,)) for key, value in config.items()}
