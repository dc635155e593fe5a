"""A place in a config: a tuple inside, a JSON Pointer (RFC 6901) on disk, dotted text for people."""

import json
import re
from fnmatch import fnmatchcase
from functools import lru_cache

from envcfg.core.errors import EncodingError
from envcfg.core.tree import Path

_PLAIN = re.compile(r"[^\s.\[\]\"'/*?]+")


@lru_cache(maxsize=4096)
def pointer(path: Path) -> str:
    """The JSON Pointer of *path*; list positions and keys look alike in it, the document tells them apart."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def parse_pointer(text: str) -> tuple[str, ...]:
    """The reference tokens of a JSON Pointer, all as text: RFC 6901 leaves it to the document what is a list."""
    if text and not text.startswith("/"):
        raise EncodingError(f"{text!r} is not a JSON Pointer: it starts with '/' or is empty")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def dotted(path: Path) -> str:
    """Text for people: `game.agent.rewards[0]`; a key with a dot or a blank in it is quoted."""
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
    """Whether *glob* names *path*: its dotted text, by `*`, `?` and `[...]`, or just its last key."""
    text = dotted(path)
    return glob in (text, str(path[-1]) if path else "") or fnmatchcase(text, glob)
