"""OmegaConf nodes as plain containers: as written, or with each interpolation resolved exactly once.

`OmegaConf.to_container(resolve=True)` calls some random resolvers twice, and fails completely if one interpolation
fails. This walk loses only the leaf that fails. Without interpolations it takes a hundredth of the time.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard

from envcfg.core.code import Code, Coded
from envcfg.core.normal import OnError, openers
from envcfg.core.tree import MISSING, Marker, Path, Tree
from envcfg.tracking.capture.resolvers import NotRunError, reading

if TYPE_CHECKING:
    from omegaconf import Container


def is_omegaconf(config: Any) -> "TypeGuard[Container]":
    """Whether *config* is an OmegaConf container. This does not import OmegaConf: the owner of such a config has."""
    omegaconf = sys.modules.get("omegaconf")
    return omegaconf is not None and isinstance(config, omegaconf.Container)


def is_interpolation(value: Tree) -> bool:
    """Whether a value as written contains an interpolation."""
    return isinstance(value, str) and "${" in value


def as_written(config: "Container") -> Any:
    """*config* as plain containers, with its interpolations as text."""
    return _walk(config, (), lambda node, _at: node._value())


def root_of(config: "Container") -> "Container":
    """The root of the tree of *config*; *config* itself if it has no parent."""
    return with_ancestors(config)[-1]


def with_ancestors(config: "Container") -> "list[Container]":
    """*config* and its ancestors, the root last."""
    line: list[Any] = [config]
    while (parent := line[-1]._get_parent()) is not None:
        line.append(parent)
    return line


def resolved(config: "Container", on_error: OnError) -> Any:
    """*config* as plain containers, with each interpolation resolved once; *on_error* is called for one that fails."""

    def read(node: Any, at: Path) -> Any:
        try:
            value = node._dereference_node()
        except NotRunError:
            return Marker("unresolved", str(node._value()))
        except Exception as error:  # noqa: BLE001  # a resolver is the user's code: it may raise anything
            said = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
            return on_error(at, Coded(said, Code.CONFIG_INTERPOLATION))
        return _walk(value, at, read) if is_omegaconf(value) else value._value()

    with reading():
        return _walk(config, (), read)


def _opened(value: Any, at: Path, on_error: OnError) -> Any:
    """An OmegaConf container inside another config, such as `{"env": cfg.env}`."""
    return resolved(value, lambda path, reason: on_error((*at, *path), reason)) if is_omegaconf(value) else value


openers.append(_opened)


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
