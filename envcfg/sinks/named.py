"""Sinks by name: of an installed package, or of a module of the user's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from envcfg.core.errors import ConfigError
from envcfg.core.plugins import has_methods, plugin
from envcfg.tracking.sink import Sink

GROUP: Final = "envcfg.sinks"
"""The group of entry points; each names a factory that is called with keyword options."""
_METHODS: Final = ("opened", "recorded", "missed", "mixed", "epoch_ended", "closed")


@dataclass(frozen=True, slots=True)
class NamedSink:
    """A sink that was asked for: the name of its factory, and the options to call it with."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def made(self) -> Sink:
        """The sink itself; raises whatever its module or its factory raises."""
        made: Any = plugin(GROUP, self.name).load()(**self.options)
        if not has_methods(made, _METHODS):
            raise ConfigError(f"{type(made).__name__} is no sink: derive it from envcfg.sinks.BaseSink")
        sink: Sink = made
        return sink


def named_sink(asked: Any) -> NamedSink:
    """A sink from `name`, `module:attribute`, or a mapping of `name` and options; imports nothing.

    Raises `ConfigError` for anything else, and for a name that is not installed.
    """
    options: dict[str, Any] = {"name": asked} if isinstance(asked, str) else {}
    if isinstance(asked, Mapping):
        options.update(asked)
    name = options.pop("name", None)
    if not isinstance(name, str) or not all(isinstance(key, str) for key in options):
        raise ConfigError(f"{asked!r}: expected a name, or {{name: ..., option: value}}")
    plugin(GROUP, name)
    return NamedSink(name, options)
