"""What of an environment is its config: declared once, read from the environment itself at each reset."""

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
_TOLD: Final[set[tuple[type, str]]] = set()
"""Attributes that were said to be missing, and of what kind of environment."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The parts of an environment that are recorded.

    *attributes* are read from the unwrapped environment: what a wrapper has under the same name changes nothing. With
    *spec*, its id, constructor arguments and time limit are recorded, with *options* those of the reset. *config* makes
    the whole config of the unwrapped environment instead. *task* is a name, or gives one for a config; *cause* is why
    it runs this, or tells that of the unwrapped environment.
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
            raise ConfigError("config= makes the whole config: leave out attributes=")

    def read(self, env: Any, options: Mapping[str, Any] | None = None) -> Any:
        """The config that *env*, a gymnasium environment, runs with now; what cannot be read is marked so."""
        inner = env.unwrapped
        if self.config is not None:
            whole = told(self.config, inner)
            return {"config": whole} if isinstance(whole, Marker) else whole
        found = {name: read(inner, name) for name in self.attributes}
        for name, value in found.items():
            if isinstance(value, Marker) and value.kind == "unreadable":
                told(_tell_unowned, inner, name)
        spec = env.spec if self.spec else None
        if spec is not None:
            found["spec"] = {"id": spec.id, "kwargs": spec.kwargs, "max_episode_steps": spec.max_episode_steps}
        if self.options and options:
            found["options"] = dict(options)
        return found

    def task_of(self, config: Any) -> str | None:
        """The name of the task of *config*; `(unreadable)` where whoever was to tell it failed."""
        name = told(self.task, config) if callable(self.task) else self.task
        return "(unreadable)" if isinstance(name, Marker) else name

    def cause_of(self, env: Any) -> Cause | None:
        why = told(self.cause, env.unwrapped) if callable(self.cause) else self.cause
        return why if isinstance(why, Cause) else None


def read(env: Any, name: str) -> Any:
    """The attribute of *env* under a dotted name, `physics.gravity`."""
    return told(lambda: reduce(getattr, name.split("."), env))


def _tell_unowned(env: Any, name: str) -> None:
    """Say on stderr, once for each kind of environment, that it owns no such attribute; its config is marked so."""
    if (type(env), name) in _TOLD:
        return
    _TOLD.add((type(env), name))
    at = env
    for part in name.split("."):
        if part not in dir(at):
            close = nearest(part, dir(at))
            near = f"; the nearest: {', '.join(close)}" if close else ""
            said = f"attributes: {type(env).__name__} has no attribute {name}{near}"
            sys.stderr.write(f"envcfg: {said} (training goes on; shown once)\n")
            return
        at = getattr(at, part)


def told(tell: Callable[..., Any], *of: Any) -> Any:
    """What *tell* says *of* something; where it fails, a marker that says why: it is not ours, and training goes on."""
    try:
        return tell(*of)
    except Exception as error:  # noqa: BLE001  # whatever an environment, or a function that was handed to us, raises
        return Marker("unreadable", f"{type(error).__name__}: {error}")
