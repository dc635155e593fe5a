"""The one written form of a config, and its digest.

The canonical encoding is JSON in ASCII with sorted keys and no white space. Python's shortest float
text keeps `1`, `1.0` and `True` apart; `-0.0` stays `-0.0`; every NaN is the same NaN. What JSON has no
word for becomes an object with one key that starts with a dollar sign, and a config's own key that
starts with one gets a second one, so the two never meet. `docs/journal-format.md` is the specification.
"""

import json
import math
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from envcfg.core.code import Code
from envcfg.core.errors import EncodingError
from envcfg.core.tree import MARKER_KINDS, Config, Marker, Tree

_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
DIGEST_SIZE: Final = 16
_SCALARS = (str, int, float, bool, type(None))


def jsonable(tree: Tree) -> Any:
    """The tree as plain JSON values, markers and non-finite floats tagged."""
    if isinstance(tree, dict):
        return {_escaped(key): jsonable(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [jsonable(value) for value in tree]
    if isinstance(tree, Marker):
        return {"$" + tree.kind: jsonable(tree.value)}
    if isinstance(tree, float) and not math.isfinite(tree):
        return {"$float": "nan" if math.isnan(tree) else "inf" if tree > 0 else "-inf"}
    return tree


def from_jsonable(value: Any) -> Tree:
    """The tree that `jsonable` was given; raises `EncodingError` for a tag this version does not know."""
    if isinstance(value, dict):
        if len(value) == 1:
            (key,) = value
            if isinstance(key, str) and key.startswith("$") and not key.startswith("$$"):
                return _tagged(key[1:], value[key])
        return {_unescaped(key): from_jsonable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [from_jsonable(inner) for inner in value]
    if isinstance(value, _SCALARS):
        return value
    raise EncodingError(f"{value!r} is not a JSON value")


def encode(tree: Tree) -> bytes:
    """The canonical encoding: two configs are equal when these bytes are."""
    if type(tree) is int or (type(tree) is float and math.isfinite(tree)):
        return repr(tree).encode()  # what the encoder of JSON says, too, in ten times as long
    try:
        text = _canonical.encode(tree)
    except (TypeError, ValueError):  # a marker, or a float that is not finite
        return _tagged_encoding(tree)
    return _tagged_encoding(tree) if '"$' in text else text.encode("ascii")


def decode(encoded: bytes | str) -> Tree:
    """The tree behind a canonical encoding."""
    try:
        return from_jsonable(json.loads(encoded, parse_constant=_refused))
    except (ValueError, RecursionError) as error:
        raise EncodingError(f"not an encoded config: {error}") from error


def digest(tree: Tree) -> str:
    """BLAKE2b-128 (RFC 7693) of the canonical encoding, 32 hexadecimal digits."""
    return blake2b(encode(tree), digest_size=DIGEST_SIZE).hexdigest()


def as_config(value: Any) -> Config:
    """The config behind a decoded JSON object; raises `EncodingError` when its root is no object."""
    tree = from_jsonable(value)
    if not isinstance(tree, dict):
        raise EncodingError(f"a config is an object, not {type(tree).__name__}")
    return tree


@lru_cache(maxsize=4096)
def key_text(name: str) -> bytes:
    """A key of an object as the canonical encoding has it, with what stands between it and its value."""
    return json.dumps(_escaped(name)).encode("ascii") + b":"


def sorted_names(names: Iterable[str]) -> list[str]:
    """Keys in the order of the canonical encoding."""
    return sorted(names, key=_escaped)


def _tagged_encoding(tree: Tree) -> bytes:
    return _canonical.encode(jsonable(tree)).encode("ascii")


def _refused(constant: str) -> Tree:
    raise EncodingError(f"{constant} is not JSON; it is written as a tagged object")


def _tagged(tag: str, payload: Any) -> Tree:
    if tag == "float" and isinstance(payload, str) and payload in _FLOATS:
        return _FLOATS[payload]
    if tag in MARKER_KINDS:
        return Marker(tag, from_jsonable(payload))
    said = f"${tag} is not a tag this version knows; a newer envcfg may have written it"
    raise EncodingError(said, code=Code.NEWER)


def _escaped(key: str) -> str:
    return "$" + key if key.startswith("$") else key


def _unescaped(key: Any) -> str:
    if not isinstance(key, str) or (key.startswith("$") and not key.startswith("$$")):
        raise EncodingError(f"{key!r} is not a key of an encoded config")
    return key.removeprefix("$")
