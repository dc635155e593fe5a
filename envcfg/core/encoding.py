"""The canonical encoding of a config, and its digest.

The canonical encoding is JSON in ASCII with sorted keys and no white space. Numbers are written as Python's `repr`
writes them, so `1`, `1.0` and `true` stay different. `-0.0` stays `-0.0`; all NaNs are written alike. A value that
JSON cannot express becomes an object with one key that starts with a dollar sign. If a config's own key starts with a
dollar sign, it gets a second one, so the two cannot be confused. `docs/journal-format.md` is the specification.
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
    """The tree as plain JSON values. Markers and non-finite floats become tagged objects."""
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
    """The inverse of `jsonable`; raises `EncodingError` for a tag that this version does not know."""
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
    """The canonical encoding. Two configs are equal if these bytes are equal."""
    if type(tree) is int or (type(tree) is float and math.isfinite(tree)):
        return repr(tree).encode()  # the same text as from the JSON encoder, ten times as fast
    try:
        text = _canonical.encode(tree)
    except (TypeError, ValueError):  # a marker, or a float that is not finite
        return _tagged_encoding(tree)
    return _tagged_encoding(tree) if '"$' in text else text.encode("ascii")


def decode(encoded: bytes | str) -> Tree:
    """The tree with this canonical encoding; raises `EncodingError` for any other text."""
    try:
        return from_jsonable(json.loads(encoded, parse_constant=_refused))
    except (ValueError, RecursionError) as error:
        raise EncodingError(f"invalid encoding of a config: {error}") from error


def digest(tree: Tree) -> str:
    """The BLAKE2b-128 hash (RFC 7693) of the canonical encoding, as 32 hexadecimal digits."""
    return digest_of(encode(tree))


def digest_of(encoded: bytes) -> str:
    """The digest of the config with this canonical encoding."""
    return blake2b(encoded, digest_size=DIGEST_SIZE).hexdigest()


def as_config(value: Any) -> Config:
    """The config of a decoded JSON object; raises `EncodingError` if *value* is not an object."""
    tree = from_jsonable(value)
    if not isinstance(tree, dict):
        raise EncodingError(f"expected an object as the config, found {type(tree).__name__}")
    return tree


@lru_cache(maxsize=4096)
def key_text(name: str) -> bytes:
    """A key of an object in the canonical encoding, with the colon that follows it."""
    return json.dumps(_escaped(name)).encode("ascii") + b":"


def sorted_names(names: Iterable[str]) -> list[str]:
    """The names in the order of the canonical encoding."""
    return sorted(names, key=_escaped)


def _tagged_encoding(tree: Tree) -> bytes:
    return _canonical.encode(jsonable(tree)).encode("ascii")


def _refused(constant: str) -> Tree:
    raise EncodingError(f'{constant} is not JSON; expected a tagged object such as {{"$float":"nan"}}')


def _tagged(tag: str, payload: Any) -> Tree:
    if tag == "float" and isinstance(payload, str) and payload in _FLOATS:
        return _FLOATS[payload]
    if tag in MARKER_KINDS:
        return Marker(tag, from_jsonable(payload))
    said = f"unknown tag ${tag}: a newer envcfg may have written it; install a newer envcfg to read it"
    raise EncodingError(said, code=Code.NEWER)


def _escaped(key: str) -> str:
    return "$" + key if key.startswith("$") else key


def _unescaped(key: Any) -> str:
    if not isinstance(key, str) or (key.startswith("$") and not key.startswith("$$")):
        raise EncodingError(f"invalid key {key!r}: a key that starts with $ is encoded with $$")
    return key.removeprefix("$")
