"""The path of a value in a config: a tuple in code, a JSON Pointer (RFC 6901) on disk, a dotted key for people."""

import json
import re
from fnmatch import fnmatchcase
from functools import lru_cache

from envcfg.core.errors import EncodingError
from envcfg.core.tree import Path

_PLAIN = re.compile(r"[^\s.\[\]\"'/*?]+")


@lru_cache(maxsize=4096)
def pointer(path: Path) -> str:
    """The JSON Pointer of *path*. Only the document shows whether a token is a list position or a key."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def parse_pointer(text: str) -> tuple[str, ...]:
    """The reference tokens of a JSON Pointer, all as text, since a token may be a key or a list position."""
    if text and not text.startswith("/"):
        raise EncodingError(f"{text!r} is not a JSON Pointer: expected an empty text, or one that starts with '/'")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def dotted(path: Path) -> str:
    """The dotted key of *path*, such as `game.agent.rewards[0]`. A key with a dot or a blank in it is quoted."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
        elif _PLAIN.fullmatch(part) and part.isprintable():
            out += f".{part}" if out else part
        else:
            out += f"[{json.dumps(part)}]"
    return out


def matches(path: Path, glob: str) -> bool:
    """Whether *glob* matches the dotted key of *path* (with `*`, `?` and `[...]`), or equals its last key."""
    text = dotted(path)
    return glob in (text, str(path[-1]) if path else "") or fnmatchcase(text, glob)
