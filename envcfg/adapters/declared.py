"""The parts of an environment that are recorded as its config. They are declared once, and read at each reset."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from envcfg.core.errors import ConfigError
from envcfg.core.record import Cause
from envcfg.core.selection import nearest
from envcfg.core.tree import Marker

TaskOf = str | Callable[[Any], str | None]
CauseOf = Cause | Callable[[Any], Cause | None]
_WARNED: Final[set[tuple[type, str]]] = set()
"""Missing attributes that were already reported, each with the class of its environment."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The parts of an environment that are recorded.

    *attributes* are dotted names of attributes. They are read from the unwrapped environment, so a wrapper's attribute
    of the same name is ignored. *spec* also records the environment's id, constructor arguments and time limit.
    *options* also records the options of the reset. *config* is a function that returns the whole config of the
    unwrapped environment; it excludes *attributes*. *task* is the name of the task, or a function of the config.
    *cause* is a `Cause`, or a function of the unwrapped environment.
    """

    attributes: tuple[str, ...] = ()
    spec: bool = True
    options: bool = True
    config: Callable[[Any], Any] | None = None
    task: TaskOf | None = None
    cause: CauseOf | None = None

    def __post_init__(self) -> None:
        if isinstance(self.attributes, str):
            raise ConfigError(f"attributes={self.attributes!r}: expected names, such as ({self.attributes!r},)")
        if self.config is not None and self.attributes:
            raise ConfigError("config= returns the whole config: leave out attributes=")

    def read(self, env: Any, options: Mapping[str, Any] | None = None) -> Any:
        """Return the current config of the Gymnasium environment *env*. Unreadable values become markers."""
        inner = env.unwrapped
        if self.config is not None:
            whole = value_or_marker(self.config, inner)
            return {"config": whole} if isinstance(whole, Marker) else whole
        found = {name: read(inner, name) for name in self.attributes}
        for name, value in found.items():
            if isinstance(value, Marker) and value.kind == "unreadable":
                value_or_marker(_warn_missing, inner, name)
        spec = env.spec if self.spec else None
        if spec is not None:
            found["spec"] = {"id": spec.id, "kwargs": spec.kwargs, "max_episode_steps": spec.max_episode_steps}
        if self.options and options:
            found["options"] = dict(options)
        return found

    def task_of(self, config: Any) -> str | None:
        """Return the name of the task of *config*, or `(unreadable)` if the function that names it failed."""
        name = value_or_marker(self.task, config) if callable(self.task) else self.task
        return "(unreadable)" if isinstance(name, Marker) else name

    def cause_of(self, env: Any) -> Cause | None:
        cause = value_or_marker(self.cause, env.unwrapped) if callable(self.cause) else self.cause
        return cause if isinstance(cause, Cause) else None


def read(env: Any, name: str) -> Any:
    """Return the attribute of *env* with a dotted name such as `physics.gravity`, or a marker if it is unreadable."""
    return value_or_marker(lambda: reduce(getattr, name.split("."), env))


def _warn_missing(env: Any, name: str) -> None:
    """Warn on stderr that *env* has no such attribute, once for each class of environment."""
    if (type(env), name) in _WARNED:
        return
    _WARNED.add((type(env), name))
    at = env
    for part in name.split("."):
        if part not in dir(at):
            close = nearest(part, dir(at))
            near = f"; the nearest: {', '.join(close)}" if close else ""
            problem = f"attributes: {type(env).__name__} has no attribute {name}{near}"
            sys.stderr.write(f"envcfg: {problem} (training goes on; shown once)\n")
            return
        at = getattr(at, part)


def value_or_marker(function: Callable[..., Any], *args: Any) -> Any:
    """Call the user's *function*. If it raises, return a marker with the error, so that training goes on."""
    try:
        return function(*args)
    except Exception as error:  # noqa: BLE001  # an environment or a user's function may raise anything
        return Marker("unreadable", f"{type(error).__name__}: {error}")
