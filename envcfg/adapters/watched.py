"""One environment that an adapter reads from outside, at its resets and, if asked to, within its episodes."""

from collections.abc import Mapping
from typing import Any

from envcfg.adapters.declared import Declared
from envcfg.adapters.form import form
from envcfg.adapters.layers import Layers


class Watched:
    """The declared parts of *env*, and the form of what was read last."""

    def __init__(self, env: Any, declared: Declared, *, is_watched: bool) -> None:
        self.layers = Layers(env)
        self._declared = declared
        self._is_watched = is_watched
        self._options: Mapping[str, Any] | None = None
        self._form = b""

    def adopted(self, options: Mapping[str, Any] | None = None) -> Any:
        """The config after a reset with *options*."""
        self._options = options
        return self._read()

    def changed(self) -> Any:
        """The config, if it has changed since it was read; else None."""
        before, config = self._form, self._read()
        return config if self._form != before else None

    def _read(self) -> Any:
        config = self._declared.read(self.layers, self._options)
        if self._is_watched:
            self._form = form(config)
        return config
