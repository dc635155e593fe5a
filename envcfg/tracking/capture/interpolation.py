"""OmegaConf nodes as plain containers: as written, or with each interpolation read exactly once.

`OmegaConf.to_container(resolve=True)` reads some random resolvers twice and gives nothing at all where one
interpolation fails; this walk costs a hundredth where nothing is interpolated, and spoils one leaf at a time.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard

from envcfg.core.code import Code, Coded
from envcfg.core.normal import OnError
from envcfg.core.tree import MISSING, Path, Tree

if TYPE_CHECKING:
    from omegaconf import Container


def is_omegaconf(config: Any) -> "TypeGuard[Container]":
    """Without importing OmegaConf: whoever holds such a config has imported it."""
    omegaconf = sys.modules.get("omegaconf")
    return omegaconf is not None and isinstance(config, omegaconf.Container)


def is_interpolation(value: Tree) -> bool:
    """Whether a value as written is one, or has one in it."""
    return isinstance(value, str) and "${" in value


def as_written(config: "Container") -> Any:
    """The plain containers of *config* with its interpolations as text; nothing is resolved."""
    return _walk(config, (), lambda node, _at: node._value())


def root_of(config: "Container") -> "Container":
    """The tree that *config* hangs in, itself where it is detached."""
    return line_of(config)[-1]


def line_of(config: "Container") -> "list[Container]":
    """*config* and all that it hangs in, the root last."""
    line: list[Any] = [config]
    while (parent := line[-1]._get_parent()) is not None:
        line.append(parent)
    return line


def resolved(config: "Container", on_error: OnError) -> Any:
    """The plain containers of *config* with each interpolation read once; *on_error* decides about one that fails."""

    def read(node: Any, at: Path) -> Any:
        try:
            value = node._dereference_node()
        except Exception as error:  # noqa: BLE001  # a resolver is the user's code: it may raise anything
            said = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
            return on_error(at, Coded(said, Code.CONFIG_INTERPOLATION))
        return _walk(value, at, read) if is_omegaconf(value) else value._value()

    return _walk(config, (), read)


def _walk(node: Any, at: Path, interpolated: Callable[[Any, Path], Any]) -> Any:
    if node._is_interpolation():
        return interpolated(node, at)
    if node._is_missing():
        return MISSING
    if not is_omegaconf(node) or node._is_none():
        return node._value()
    content = node._content
    if isinstance(content, dict):
        return {key: _walk(child, (*at, str(key)), interpolated) for key, child in content.items()}
    return [_walk(child, (*at, index), interpolated) for index, child in enumerate(content)]
