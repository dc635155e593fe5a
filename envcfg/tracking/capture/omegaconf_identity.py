"""Recognises an unchanged OmegaConf config by the identity of its nodes, in a hundredth of the time of resolving it."""

from collections.abc import Collection, Iterable
from itertools import chain
from operator import is_, itemgetter
from typing import TYPE_CHECKING, Any, Final

from envcfg.tracking.capture.interpolation import with_ancestors

if TYPE_CHECKING:
    from omegaconf import Container

_content: Final = itemgetter("_content")
_value: Final = itemgetter("_val")
_parent: Final = itemgetter("_parent")


class Fingerprint:
    """Every node, key and value of the tree of *config*. Any write to the tree replaces at least one of these objects.

    Nodes are compared by their `__dict__`, which is a hundred times faster than their attributes. Each kind of object
    is kept in its own list, so that all comparisons run in C. The fingerprint keeps the objects alive, so that their
    identities are not reused.
    """

    def __init__(self, config: "Container") -> None:
        self.config = config
        line = with_ancestors(config)
        self._line = [node.__dict__ for node in line]
        self._parents = list(map(_parent, self._line))
        self._containers: list[dict[str, Any]] = []
        self._leaves: list[dict[str, Any]] = []
        self._branches: list[Collection[Any]] = []
        """The current children of containers: views of their dicts, and their lists."""
        self._named: list[dict[Any, Any]] = []
        self._walk(line[-1])
        self._contents = list(map(_content, self._containers))
        self._values = list(map(_value, self._leaves))
        self._children = list(chain.from_iterable(self._branches))
        self._keys = list(chain.from_iterable(self._named))

    def is_of(self, config: object) -> bool:
        """Whether *config* is the same object and its tree is unchanged."""
        return (
            config is self.config
            and _are(map(_parent, self._line), self._parents)
            and _are(map(_value, self._leaves), self._values)
            and _are(map(_content, self._containers), self._contents)
            and sum(map(len, self._branches)) == len(self._children)
            and _are(chain.from_iterable(self._branches), self._children)
            and list(chain.from_iterable(self._named)) == self._keys
        )

    def _walk(self, root: "Container") -> None:
        nodes: list[Any] = [root]
        for node in nodes:  # the loop appends to it
            state = node.__dict__
            if "_content" not in state:
                self._leaves.append(state)
                continue
            self._containers.append(state)
            content = state["_content"]
            if isinstance(content, dict):
                self._named.append(content)
                self._branches.append(content.values())
                nodes += content.values()
            elif isinstance(content, list):
                self._branches.append(content)
                nodes += content
            elif hasattr(content, "__dict__"):  # the single node of a union
                nodes.append(content)


def _are(found: Iterable[object], known: Iterable[object]) -> bool:
    """Whether both have the same objects, given that they have the same length."""
    return all(map(is_, found, known))
