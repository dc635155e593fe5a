"""Creates sinks by name: from an installed package, or from a module of the user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from envcfg.core.errors import ConfigError
from envcfg.core.plugins import has_methods, plugin
from envcfg.tracking.sink import Sink

GROUP: Final = "envcfg.sinks"
"""The group of entry points. Each one is a function that creates a sink, called with keyword options."""
BUILT_IN: Final[Mapping[str, str]] = {
    "mlflow": "envcfg.sinks.mlflow:MlflowSink",
    "tensorboard": "envcfg.sinks.tensorboard:TensorBoardSink",
    "trackio": "envcfg.sinks.trackio:TrackioSink",
}
"""The sinks of envcfg by name. Each needs its extra."""
_METHODS: Final = ("opened", "recorded", "missed", "mixed", "epoch_ended", "closed")


@dataclass(frozen=True, slots=True)
class NamedSink:
    """A sink to create: the name of the function that creates it, and the options to pass."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def create(self) -> Sink:
        """Create the sink. Raises the errors of its module and of its function."""
        sink: Any = plugin(GROUP, self.name, BUILT_IN).load()(**self.options)
        if not has_methods(sink, _METHODS):
            raise ConfigError(f"{type(sink).__name__} is not a sink: derive it from envcfg.sinks.BaseSink")
        return cast(Sink, sink)


def named_sink(asked: Any) -> NamedSink:
    """The sink that a user named as `name`, `module:attribute`, or a mapping of `name` and options. Imports nothing.

    Raises `ConfigError` for anything else, and for a name that is not installed.
    """
    options: dict[str, Any] = {"name": asked} if isinstance(asked, str) else {}
    if isinstance(asked, Mapping):
        options.update(asked)
    name = options.pop("name", None)
    if not isinstance(name, str) or not all(isinstance(key, str) for key in options):
        raise ConfigError(f"{asked!r}: expected the name of a sink, or {{name: ..., option: value}}")
    plugin(GROUP, name, BUILT_IN)
    return NamedSink(name, options)
