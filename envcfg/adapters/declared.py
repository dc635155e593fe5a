"""The parts of an environment that are recorded as its config. They are declared once, and read at each reset."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from envcfg.adapters.layers import Layers
from envcfg.adapters.reading import value_or_marker
from envcfg.core.errors import ConfigError
from envcfg.core.record import Cause
from envcfg.core.tree import Marker

TaskOf = str | Callable[[Any], str | None]
CauseOf = Cause | Callable[..., Cause | None]


@dataclass(frozen=True, slots=True)
class Declared:
    """The parts of an environment that are recorded.

    *attributes* are dotted names of attributes. Each is read from the outermost wrapper that has it, else from the
    unwrapped environment. *spec* also records the environment's id, constructor arguments and time limit. *options*
    also records the options of the reset. *config* is a function that returns the whole config of the unwrapped
    environment; it excludes *attributes*. *task* is the name of the task, or a function of the config. *cause* is a
    `Cause`, or a function of the unwrapped environment. A function *config* or *cause* with two parameters also gets
    the wrapped environment. With *draws* False, each value of a parameter that is drawn
    anew at each reset is recorded (see `Tracker.record_slots`).
    """

    attributes: tuple[str, ...] = ()
    spec: bool = True
    options: bool = True
    config: Callable[..., Any] | None = None
    task: TaskOf | None = None
    cause: CauseOf | None = None
    draws: bool | None = None

    def __post_init__(self) -> None:
        if isinstance(self.attributes, str):
            raise ConfigError(f"attributes={self.attributes!r}: expected names, such as ({self.attributes!r},)")
        if self.config is not None and self.attributes:
            raise ConfigError("config= returns the whole config: leave out attributes=")

    def read(self, layers: Layers, options: Mapping[str, Any] | None = None) -> Any:
        """Return the current config of a Gymnasium environment. Unreadable values become markers."""
        env = layers.env
        if self.config is not None:
            whole = value_or_marker(self.config, *_given(self.config, env))
            return {"config": whole} if isinstance(whole, Marker) else whole
        found = layers.read(self.attributes)
        spec = getattr(env, "spec", None) if self.spec else None
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
        cause = value_or_marker(self.cause, *_given(self.cause, env)) if callable(self.cause) else self.cause
        return cause if isinstance(cause, Cause) else None


def _given(function: Callable[..., Any], env: Any) -> tuple[Any, ...]:
    """The arguments of a function of the user: the unwrapped environment, and the wrapped one if it takes two."""
    return (env.unwrapped, env) if _takes_two(function) else (env.unwrapped,)


def _takes_two(function: Callable[..., Any]) -> bool:
    if inspect.isclass(function):
        return False
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function of C may not tell
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.kind in positional and one.default is one.empty for one in parameters) > 1
