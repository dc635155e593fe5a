"""The canonical encoding of a config, kept by member, so that one leaf's change does not cost the whole of it again."""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from envcfg.core.encoding import encode
from envcfg.core.grafting import Delta
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


def rewritten(known: Written, config: Config, delta: Delta) -> Written:
    """The canonical encoding of *config*, where *known* is that of the one it differs from in *delta*."""
    if not known.members:
        return _by_member(config, delta)
    members, inner = dict(known.members), dict(known.inner)
    for name, changed in delta.items():
        value = config[name]
        if changed is None:
            inner.pop(name, None)
            members[name] = _member(name, value)
        else:
            inner[name] = rewritten(inner.get(name) or Written(""), cast(Config, value), changed)
            members[name] = _key(name) + inner[name].text
    return _joined(members, inner)


def _by_member(config: Config, delta: Delta) -> Written:
    """All of it for the first time; members that change are likely to do so again."""
    inner = {name: _by_member(cast(Config, config[name]), of) for name, of in delta.items() if of is not None}
    members = {
        name: _key(name) + inner[name].text if name in inner else _member(name, config[name])
        for name in sorted(config, key=_escaped)
    }
    return _joined(members, inner)


def _joined(members: dict[str, str], inner: dict[str, Written]) -> Written:
    return Written("{" + ",".join(members.values()) + "}", members, inner)


def _member(name: str, value: Tree) -> str:
    return _key(name) + encode(value).decode("ascii")


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return json.dumps(_escaped(name)) + ":"


def _escaped(name: str) -> str:
    return "$" + name if name.startswith("$") else name
