"""What the tree of an OmegaConf config consists of, to be compared by identity: a hundredth of resolving it."""

from collections.abc import Collection, Iterable
from itertools import chain
from operator import is_, itemgetter
from typing import TYPE_CHECKING, Any, Final

from envcfg.tracking.capture.interpolation import line_of

if TYPE_CHECKING:
    from omegaconf import Container

_content: Final = itemgetter("_content")
_value: Final = itemgetter("_val")
_parent: Final = itemgetter("_parent")


class Fingerprint:
    """Every node, key and value of the tree that *config* hangs in; any write to it puts another object in.

    Nodes are known by their state, a hundred times quicker than their own attributes. Each kind is kept in a row of
    its own, so that no comparison takes a step of Python. Holding the objects keeps their identities their own.
    """

    def __init__(self, config: "Container") -> None:
        self._config = config
        line = line_of(config)
        self._line = [node.__dict__ for node in line]
        self._parents = list(map(_parent, self._line))
        self._containers: list[dict[str, Any]] = []
        self._leaves: list[dict[str, Any]] = []
        self._branches: list[Collection[Any]] = []
        """Nodes that containers hold now: views of their dicts, and their lists."""
        self._named: list[dict[Any, Any]] = []
        self._walk(line[-1])
        self._contents = list(map(_content, self._containers))
        self._values = list(map(_value, self._leaves))
        self._children = list(chain.from_iterable(self._branches))
        self._keys = list(chain.from_iterable(self._named))

    def is_of(self, config: object) -> bool:
        """Whether *config* is the same object, and nothing in its tree was written to."""
        return (
            config is self._config
            and _are(map(_parent, self._line), self._parents)
            and _are(map(_value, self._leaves), self._values)
            and _are(map(_content, self._containers), self._contents)
            and sum(map(len, self._branches)) == len(self._children)
            and _are(chain.from_iterable(self._branches), self._children)
            and list(chain.from_iterable(self._named)) == self._keys
        )

    def _walk(self, root: "Container") -> None:
        nodes: list[Any] = [root]
        for node in nodes:  # grows on the way
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
            elif hasattr(content, "__dict__"):  # the one node of a union
                nodes.append(content)


def _are(found: Iterable[object], known: Iterable[object]) -> bool:
    """Whether they are the same objects; there are as many."""
    return all(map(is_, found, known))
