"""The canonical encoding of a config, kept by member, so that one leaf's change does not cost the whole of it again."""

import json
from dataclasses import dataclass, field

from envcfg.core.encoding import encode
from envcfg.core.tree import Config, Tree


@dataclass(slots=True)
class Written:
    """A config's canonical encoding; what its members are written as is found out when one of them changes."""

    text: str
    members: dict[str, str] = field(default_factory=dict)
    """Of each member its name and value as written, in canonical order; empty until somebody asked."""
    inner: dict[str, "Written"] = field(default_factory=dict)
    """Members that are objects and changed before."""


def written(config: Tree) -> Written:
    """The canonical encoding of *config*: the same text as `encode` gives."""
    return Written(encode(config).decode("ascii"))


def rewritten(known: Written, before: Config, after: Config) -> Written:
    """The canonical encoding of *after*, where *known* is that of *before*; only what they do not share costs."""
    if not after or before.keys() != after.keys():
        return written(after)
    members = dict(known.members) if known.members else _members(before)
    inner = dict(known.inner)
    for name in [name for name, value in after.items() if before[name] is not value]:
        value, old = after[name], before[name]
        if isinstance(value, dict) and isinstance(old, dict):
            inner[name] = rewritten(inner.get(name) or written(old), old, value)
            members[name] = _key(name) + inner[name].text
        else:
            inner.pop(name, None)
            members[name] = _member(name, value)
    return Written("{" + ",".join(members.values()) + "}", members, inner)


def _members(config: Config) -> dict[str, str]:
    return {name: _member(name, config[name]) for name in sorted(config, key=_escaped)}


def _member(name: str, value: Tree) -> str:
    return _key(name) + encode(value).decode("ascii")


def _key(name: str) -> str:
    return json.dumps(_escaped(name)) + ":"


def _escaped(name: str) -> str:
    return "$" + name if name.startswith("$") else name
