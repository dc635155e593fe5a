"""Secrets reach neither disk nor network: what is left out of a config, and how it is told."""

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
from envcfg.tracking.redaction.secret_names import SHORTEST_NUMBER, hides, is_named
from envcfg.tracking.redaction.secret_values import form, scrubbed

_FROM_ENVIRONMENT: Final = re.compile(r"\$\{\s*oc\.env\s*:\s*([^,}\s]+)")
_DEFAULT: Final = re.compile(r"\$\{\s*oc\.env\s*:\s*([^,}\s]+)\s*,\s*([^}]+?)\s*\}")
_INNER_KEY: Final = re.compile(r"[{,]\s*[\"']?([\w.\-]+)[\"']?\s*:")
"""Of an override that sets an object: `auth={user:me,password:x}`."""
_SHORTEST: Final = 5
"""Characters from which a value of the environment is looked for inside others: a rank of 0 is found everywhere."""
_TAG_SIZE: Final = 4

Why = Callable[[Path, tuple[str, ...], Tree], str | None]
"""Why a leaf is left out, by its place, those keys on the way to it that may name a secret, and its value."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """The rule: values under a secret's name, of a secret's form, and those that came from the environment.

    *reveal* names the environment variables whose values may be recorded. *allow* and *deny* are globs over dotted
    places of a config: what is allowed is recorded whatever it looks like, what is denied never is.
    """

    reveal: frozenset[str] = frozenset()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    key: Callable[[], bytes] = field(default=own_key, repr=False)
    """Gives the key of the digests by which a change of a secret is seen."""

    def plain(self, config: Config, secrets: frozenset[str] = frozenset()) -> Config:
        """*config* without secrets, *secrets* among them that turn up in its values."""
        return self._without(config, lambda _, keys, value: _named(keys, value) or _told(value, secrets), secrets)

    def value(self, value: Tree, at: Path, secrets: frozenset[str] = frozenset()) -> Tree:
        """As `plain`, of what stands at one place of a config."""
        return self._replaced(value, at, lambda _, keys, value: _named(keys, value) or _told(value, secrets), secrets)

    def text(self, text: str, secrets: frozenset[str] = frozenset()) -> str:
        """A task name, a note or an error without the secrets that it quotes, *secrets* among them."""
        return scrubbed(text, secrets)

    def template(self, config: Config, secrets: frozenset[str] = frozenset()) -> Config:
        """The interpolations as written stay, except literals under a secret's name, or of its form.

        Of a key also *secrets* are left out.
        """

        def why(_: Path, keys: tuple[str, ...], value: Tree) -> str | None:
            if _is_bare_interpolation(value):
                return None
            return _named(keys, value) or _told(value, frozenset()) or ("oc.env" if _defaults(value) else None)

        return self._without(config, why, secrets)

    def overrides(self, overrides: Iterable[str], secrets: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Hydra overrides without the values of those that set a secret, or have one in them."""
        return tuple(self._override(override, secrets) for override in overrides)

    def names(self, template: Tree) -> frozenset[str]:
        """The environment variables that the interpolations of *template* read and that are not revealed."""
        return frozenset(name for text in _texts(template) for name in self._hidden(text))

    def defaults(self, template: Tree) -> frozenset[str]:
        """What the interpolations of *template* give where an environment variable with a secret's name is not set."""
        return frozenset(default for text in _texts(template) for default in _defaults(text))

    def values(self, names: Iterable[str]) -> frozenset[str]:
        """The values of these environment variables, of those long enough to be recognised."""
        values = (self.environment[name] for name in names if name in self.environment)
        return frozenset(value for value in values if len(value) >= (SHORTEST_NUMBER if value.isdigit() else _SHORTEST))

    def resolved(self, config: Config, *, template: Config, secrets: frozenset[str]) -> Config:
        """*config* without secrets; *template* is the same config as written."""
        direct = {path for path, value in _places(template, ()) if isinstance(value, str) and self._hidden(value)}

        def why(path: Path, keys: tuple[str, ...], value: Tree) -> str | None:
            is_direct = any(path[:length] in direct for length in range(1, len(path) + 1))  # it may decode to an object
            return "oc.env" if is_direct else _named(keys, value) or _told(value, secrets)

        return self._without(config, why, secrets)

    def _hidden(self, text: str) -> set[str]:
        """The environment variables that an interpolation reads and that are not revealed."""
        return {name.strip("'\"") for name in _FROM_ENVIRONMENT.findall(text)} - self.reveal

    def _override(self, override: str, secrets: frozenset[str]) -> str:
        name, equals, value = override.partition("=")
        path = tuple(name.lstrip("+~").split("."))

        def why(_: Path, keys: tuple[str, ...], told: Tree) -> str | None:
            if _is_bare_interpolation(told):
                return None
            return _named(keys, told) or _told(told, secrets) or _named(_names(tuple(_INNER_KEY.findall(value))), value)

        if equals and self._reason(path, _names(path), int(value) if value.isdecimal() else value, why):
            return f"{scrubbed(name, secrets)}=<redacted>"
        return scrubbed(override, secrets)

    def _reason(self, path: Path, keys: tuple[str, ...], value: Tree, why: Why) -> str | None:
        if any(matches(path, glob) for glob in self.allow):
            return None
        return "deny" if any(matches(path, glob) for glob in self.deny) else why(path, keys, value)

    def _without(self, config: Config, why: Why, secrets: frozenset[str]) -> Config:
        """`_replaced` of a whole config."""
        plain = self._replaced(config, (), why, secrets)
        return plain if isinstance(plain, dict) else {}

    def _key(self, name: str, at: Path, secrets: frozenset[str]) -> str:
        """A key of a mapping as it may be written. It is a user's text as any value is, and may hold a secret."""
        if not _is_secret_text(name, secrets) or any(matches(at, glob) for glob in self.allow):
            return name
        return f"<redacted #{self._tag(name)}>"

    def _replaced(self, config: Tree, at: Path, why: Why, secrets: frozenset[str]) -> Tree:
        """A copy of *config* in which each leaf that *why* gives a reason for is a marker that tells the reason.

        A key that holds a secret, one of *secrets* or of a known form, is replaced by its tag.
        """
        is_listed = bool(self.allow or self.deny)

        def walk(tree: Tree, at: Path, keys: tuple[str, ...]) -> Tree:
            if isinstance(tree, dict):
                return {
                    self._key(name, (*at, name), secrets): walk(
                        value, (*at, name), (*keys, name) if is_named(name) else keys
                    )
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
        """Eight hexadecimal digits that another value would not have, and that say nothing without the key."""
        return blake2b(encode(value), key=self.key(), digest_size=_TAG_SIZE).hexdigest()


def _named(keys: tuple[str, ...], value: Tree) -> str | None:
    """Why a leaf is left out, by its own key or that of an object around it."""
    for key in keys:
        if hides(key, value):
            return key
    return None


@lru_cache(maxsize=4096)
def _names(path: Path) -> tuple[str, ...]:
    """Keys on the way to a place that may name a secret."""
    return tuple(part for part in path if isinstance(part, str) and is_named(part))


def _told(value: Tree, secrets: frozenset[str]) -> str | None:
    """Why a value is left out by what it is: it has a secret's form, or one of *secrets* in it."""
    if type(value) is bool or not (secrets or type(value) is str or isinstance(value, Marker)):
        return None
    text = _inner_text(value) if isinstance(value, Marker) else str(value)
    if any(secret in text for secret in secrets):
        return "oc.env"
    return None if isinstance(value, int | float) else form(text)


def _is_secret_text(text: str, secrets: frozenset[str]) -> bool:
    return form(text) is not None or any(secret in text for secret in secrets)


def _inner_text(marker: Marker) -> str:
    """What a path, a set, bytes or a reason says, as text."""
    if marker.kind == "bytes":
        return b64decode(str(marker.value)).decode("utf-8", "replace")
    return marker.value if type(marker.value) is str else str(jsonable(marker.value))


def _defaults(value: Tree) -> list[str]:
    """What *value*, as written, gives in the place of environment variables with a secret's name."""
    found = _DEFAULT.findall(value) if isinstance(value, str) else []
    return [default for name, default in found if is_named(name)]


def _is_bare_interpolation(value: Tree) -> bool:
    """An interpolation that carries no literal of its own, such as a default."""
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
