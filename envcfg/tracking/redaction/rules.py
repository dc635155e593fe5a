"""The redaction rules: which values of a config are secrets, and what replaces them.

Anything named or shaped like a secret is neither stored nor sent.
"""

import os
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from envcfg.core.encoding import encode, jsonable
from envcfg.core.path import matches
from envcfg.core.tree import Config, Marker, Path, Tree
from envcfg.tracking.redaction.key import key as own_key
from envcfg.tracking.redaction.secret_names import SHORTEST_NUMBER, is_secret, may_name_secret
from envcfg.tracking.redaction.secret_values import scrubbed, secret_kind

_FROM_ENVIRONMENT: Final = re.compile(r"\$\{\s*oc\.env\s*:\s*([^,}\s]+)")
_DEFAULT: Final = re.compile(r"\$\{\s*oc\.env\s*:\s*([^,}\s]+)\s*,\s*([^}]+?)\s*\}")
_INNER_KEY: Final = re.compile(r"[{,]\s*[\"']?([\w.\-]+)[\"']?\s*:")
"""A key inside an override that sets an object, such as `auth={user:me,password:x}`."""
_SHORTEST: Final = 5
"""Shorter values of environment variables are not searched for: the text `0` of a rank occurs everywhere."""
_TAG_SIZE: Final = 4

Why = Callable[[Path, tuple[str, ...], Tree], str | None]
"""Returns the reason to redact a leaf, or None. The arguments are its path, the keys in it that may name a secret, and
its value."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """Redacts values that are named or shaped like a secret, and values of environment variables.

    *reveal* names environment variables whose values may be recorded. *allow* and *deny* are globs over dotted keys: an
    allowed value is always recorded, a denied value never.
    """

    reveal: frozenset[str] = frozenset()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    key: Callable[[], bytes] = field(default=own_key, repr=False)
    """Returns the key of the tags, which show when a secret changes."""

    def plain(self, config: Config, secrets: frozenset[str] = frozenset()) -> Config:
        """*config* without secrets. *secrets* are known secret texts, which are removed wherever they occur."""
        plain = self.value(config, (), secrets)
        return plain if isinstance(plain, dict) else {}

    def value(self, value: Tree, at: Path, secrets: frozenset[str] = frozenset()) -> Tree:
        """*value* without secrets; as `plain`, for the value at one path of a config."""

        def why(_: Path, keys: tuple[str, ...], value: Tree) -> str | None:
            return _by_key(keys, value) or _by_value(value, secrets)

        return self._replaced(value, at, why, secrets)

    def text(self, text: str, secrets: frozenset[str] = frozenset()) -> str:
        """A task name, a note or an error without secrets. *secrets* are known secret texts."""
        return scrubbed(text, secrets)

    def template(self, config: Config, secrets: frozenset[str] = frozenset()) -> Config:
        """A config as written, without secrets. Interpolations stay; literals with a secret's name or form are removed.

        The known *secrets* are removed from keys only.
        """

        def why(_: Path, keys: tuple[str, ...], value: Tree) -> str | None:
            if _is_bare_interpolation(value):
                return None
            return _by_key(keys, value) or _by_value(value, frozenset()) or ("oc.env" if _defaults(value) else None)

        return self._without(config, why, secrets)

    def overrides(self, overrides: Iterable[str], secrets: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Hydra overrides without secrets. If an override sets or contains a secret, its value is removed."""
        return tuple(self._override(override, secrets) for override in overrides)

    def names(self, template: Tree) -> frozenset[str]:
        """The environment variables in the interpolations of *template*, without those in `reveal`."""
        return frozenset(name for text in _texts(template) for name in self._hidden(text))

    def defaults(self, template: Tree) -> frozenset[str]:
        """The default values in *template* for environment variables with a secret's name."""
        return frozenset(default for text in _texts(template) for default in _defaults(text))

    def values(self, names: Iterable[str]) -> frozenset[str]:
        """The values of these environment variables, without those too short to be searched for."""
        values = (self.environment[name] for name in names if name in self.environment)
        return frozenset(value for value in values if len(value) >= (SHORTEST_NUMBER if value.isdigit() else _SHORTEST))

    def resolved(self, config: Config, *, template: Config, secrets: frozenset[str]) -> Config:
        """*config* with resolved interpolations, without secrets; *template* is the same config as written."""
        direct = {path for path, value in _places(template, ()) if isinstance(value, str) and self._hidden(value)}

        def why(path: Path, keys: tuple[str, ...], value: Tree) -> str | None:
            is_direct = any(path[:length] in direct for length in range(1, len(path) + 1))  # it may decode to an object
            return "oc.env" if is_direct else _by_key(keys, value) or _by_value(value, secrets)

        return self._without(config, why, secrets)

    def _hidden(self, text: str) -> set[str]:
        """The environment variables that *text* reads, without those in `reveal`."""
        return {name.strip("'\"") for name in _FROM_ENVIRONMENT.findall(text)} - self.reveal

    def _override(self, override: str, secrets: frozenset[str]) -> str:
        name, equals, value = override.partition("=")
        path = tuple(name.lstrip("+~").split("."))

        def why(_: Path, keys: tuple[str, ...], leaf: Tree) -> str | None:
            if _is_bare_interpolation(leaf):
                return None
            inner = (name for name in _INNER_KEY.findall(value) if is_secret(name, value))
            return _by_key(keys, leaf) or _by_value(leaf, secrets) or next(inner, None)

        if equals and self._reason(path, _names(path), int(value) if value.isdecimal() else value, why):
            return f"{scrubbed(name, secrets)}=<redacted>"
        return scrubbed(override, secrets)

    def _reason(self, path: Path, keys: tuple[str, ...], value: Tree, why: Why) -> str | None:
        if any(matches(path, glob) for glob in self.allow):
            return None
        return "deny" if any(matches(path, glob) for glob in self.deny) else why(path, keys, value)

    def _without(self, config: Config, why: Why, secrets: frozenset[str]) -> Config:
        """`_replaced` for a whole config."""
        plain = self._replaced(config, (), why, secrets)
        return plain if isinstance(plain, dict) else {}

    def _key(self, name: str, at: Path, secrets: frozenset[str]) -> str:
        """A key of a mapping; a tag replaces it if it contains a secret."""
        if not _is_secret_text(name, secrets) or any(matches(at, glob) for glob in self.allow):
            return name
        return f"<redacted #{self._tag(name)}>"

    def _replaced(self, config: Tree, at: Path, why: Why, secrets: frozenset[str]) -> Tree:
        """A copy of *config* in which a marker with the reason replaces each leaf that *why* gives a reason for.

        A tag replaces each key that contains a secret: one of *secrets*, or a text of a known form.
        """
        is_listed = bool(self.allow or self.deny)

        def walk(tree: Tree, at: Path, keys: tuple[str, ...]) -> Tree:
            if isinstance(tree, dict):
                return {
                    self._key(name, (*at, name), secrets): walk(value, (*at, name), _below(keys, name))
                    for name, value in tree.items()
                }
            if isinstance(tree, list):
                return [walk(value, (*at, index), keys) for index, value in enumerate(tree)]
            if tree is None or (isinstance(tree, Marker) and tree.kind in ("missing", "redacted")):
                return tree
            reason = self._reason(at, keys, tree, why) if is_listed else why(at, keys, tree)
            return tree if reason is None else Marker("redacted", f"{reason} #{self._tag(tree)}")

        return walk(config, at, _names(at))

    def _tag(self, value: Tree) -> str:
        """Eight hexadecimal digits that identify a value. They reveal nothing about it without the key."""
        return blake2b(encode(value), key=self.key(), digest_size=_TAG_SIZE).hexdigest()


def _by_key(keys: tuple[str, ...], value: Tree) -> str | None:
    """The reason to redact a leaf because of its key, or the key of an object around it; None if there is none."""
    last = len(keys) - 1
    for place, key in enumerate(keys):
        if key and is_secret(key, value, is_direct=place == last):
            return key
    return None


def _below(keys: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The keys that may name a secret, one key deeper. The last is empty if *name* is none of them."""
    named = name if may_name_secret(name) else ""
    if not keys:
        return (named,) if named else keys
    return (*keys, named) if keys[-1] else (*keys[:-1], named)


@lru_cache(maxsize=4096)
def _names(path: Path) -> tuple[str, ...]:
    """The keys in a path that may name a secret, as `_below` gives them."""
    keys: tuple[str, ...] = ()
    for part in path:
        keys = _below(keys, part) if isinstance(part, str) else keys
    return keys


def _by_value(value: Tree, secrets: frozenset[str]) -> str | None:
    """The reason to redact a value because it has a secret's form or contains one of *secrets*; else None."""
    if type(value) is bool or not (secrets or type(value) is str or isinstance(value, Marker)):
        return None
    text = _inner_text(value) if isinstance(value, Marker) else str(value)
    if any(secret in text for secret in secrets):
        return "oc.env"
    return None if isinstance(value, int | float) else secret_kind(text)


def _is_secret_text(text: str, secrets: frozenset[str]) -> bool:
    return secret_kind(text) is not None or any(secret in text for secret in secrets)


def _inner_text(marker: Marker) -> str:
    """The payload of a marker as text; bytes are decoded."""
    if marker.kind == "bytes":
        return b64decode(str(marker.value)).decode("utf-8", "replace")
    return marker.value if type(marker.value) is str else str(jsonable(marker.value))


def _defaults(value: Tree) -> list[str]:
    """The default values in *value*, as written, for environment variables with a secret's name."""
    found = _DEFAULT.findall(value) if isinstance(value, str) else []
    return [default for name, default in found if may_name_secret(name)]


def _is_bare_interpolation(value: Tree) -> bool:
    """Whether *value* is an interpolation without a literal, such as a default, in it."""
    return isinstance(value, str) and re.fullmatch(r"\$\{[^,{}]*\}", value) is not None


def _places(tree: Tree, at: Path) -> Iterable[tuple[Path, Tree]]:
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from _places(value, (*at, name))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _places(value, (*at, index))
    else:
        yield at, tree


def _texts(tree: Tree) -> list[str]:
    return [value for _, value in _places(tree, ()) if isinstance(value, str)]
