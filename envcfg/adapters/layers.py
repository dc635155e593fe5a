"""The layers of a Gymnasium environment: its wrappers, from the outermost one, and the environment inside them."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

from envcfg.adapters.reading import read, value_or_marker, warn_missing, warn_once
from envcfg.adapters.transparent import Transparent
from envcfg.core.tree import Marker

READ_FROM: Final = "read_from"
"""The key that names, for each attribute of a wrapper, the class of the wrapper."""
_MOST: Final = 100


class Layers:
    """Finds attributes in the layers of *env*, and remembers which layer owns each.

    The owner is the outermost layer that sets the attribute, or whose class defines it. It is decided once. So a value
    that a program sets on a wrapper later does not hide the one that the environment uses.
    """

    def __init__(self, env: Any) -> None:
        self.env = env
        self._depths: dict[str, int] = {}

    def look(self, names: Sequence[str]) -> None:
        """Decide which layer owns each of these dotted names, as far as they exist by now."""
        layers = self._all()
        for name in names:
            first = name.partition(".")[0]
            owners = [depth for depth, layer in enumerate(layers) if _owns(layer, first)]
            if name not in self._depths and owners:
                self._depths[name] = owners[0]
                _warn_hidden(layers, name, owners)

    def read(self, names: Sequence[str]) -> dict[str, Any]:
        """The values of dotted names, or markers. `read_from` names the wrappers that own some of them."""
        if not names:
            return {}
        if any(name not in self._depths for name in names):
            self.look(names)
        layers = self._all()
        owners = {name: self._owner(layers, name) for name in names}
        found = {name: read(owner, name) for name, owner in owners.items()}
        for name, value in found.items():
            if isinstance(value, Marker) and value.kind == "unreadable":
                value_or_marker(warn_missing, layers, name)
        wrappers = {name: type(owner).__name__ for name, owner in owners.items() if owner is not layers[-1]}
        return {**found, READ_FROM: wrappers} if wrappers else found

    def owner(self, name: str) -> Any:
        """The layer that owns a dotted name. Without one, the innermost layer."""
        self.look((name,))
        return self._owner(self._all(), name)

    def _owner(self, layers: Sequence[Any], name: str) -> Any:
        return layers[min(self._depths.get(name, _MOST), len(layers) - 1)]

    def _all(self) -> tuple[Any, ...]:
        return tuple(_layers(self.env))


def _layers(env: Any) -> Iterator[Any]:
    inner = getattr(env, "unwrapped", env)
    for _ in range(_MOST):
        if env is inner or env is None:
            break
        yield env
        env = vars(env).get("env", vars(env).get("venv"))
    yield inner


def _owns(layer: Any, name: str) -> bool:
    """Whether *layer* sets the attribute, or its class defines it. Our own wrappers own nothing."""
    if isinstance(layer, Transparent):
        return False
    own, general = getattr(layer, "__dict__", {}), _general()
    if name in own or any(name in vars(kind) for kind in type(layer).__mro__ if kind not in general):
        return True
    is_passed_on = any(name in vars(kind) for kind in general)
    return is_passed_on and own.get(f"_{name}") is not None  # such as a wrapper's own action space


def _general() -> frozenset[type]:
    """Classes of Gymnasium whose attributes a wrapper only passes on. A program may not use Gymnasium."""
    gymnasium = sys.modules.get("gymnasium")
    bases = () if gymnasium is None else (gymnasium.Wrapper, gymnasium.Env, gymnasium.vector.VectorWrapper)
    return frozenset({object, *(kind for base in bases for kind in base.__mro__)})


def _warn_hidden(layers: Sequence[Any], name: str, owners: Sequence[int]) -> None:
    """Warn if an inner layer has another value."""
    values = [read(layers[depth], name) for depth in owners]
    hidden = [depth for depth, value in zip(owners, values, strict=True) if repr(value) != repr(values[0])]
    if hidden:
        outer, inner = type(layers[owners[0]]).__name__, type(layers[hidden[0]]).__name__
        said = f"attributes: {outer} and {inner} both have {name}, with other values; the value of {outer} is recorded"
        warn_once(layers[-1], f"{name} twice", f"{said}. To record the other one, use config=")
