"""The rows that were recorded last, to see which ones changed since, within an episode."""

from collections.abc import Mapping
from typing import Any

from envcfg.adapters.form import form


class LatestRows:
    """The latest recorded value of each parameter, in arrays of the library that they come from."""

    def __init__(self) -> None:
        self._columns: dict[str, Any] = {}
        self._base: bytes | None = None

    def update(self, columns: Mapping[str, Any], base: Any, slots: Any) -> None:
        """Keep the rows of *slots*, which were just recorded; None means all."""
        if slots is None:
            self._base = form(base)
        for name, value in columns.items():
            if slots is None or name not in self._columns:
                self._columns[name] = value.clone() if hasattr(value, "clone") else value.copy()
            elif hasattr(value, "at"):  # a JAX array cannot be changed
                self._columns[name] = self._columns[name].at[slots].set(value[slots])
            else:
                self._columns[name][slots] = value[slots]

    def changed(self, found: Mapping[str, Any]) -> Any:
        """A mask of the slots whose row differs from the recorded one. None: a value of all slots differs."""
        base = {name: value for name, value in found.items() if name not in self._columns}
        if form(base) != self._base:
            return None
        rows = [(found[name] != held).reshape(len(held), -1).any(1) for name, held in self._columns.items()]
        for other in rows[1:]:
            rows[0] = rows[0] | other
        return rows[0] if rows else _NONE


class _Nothing:
    def any(self) -> bool:
        return False


_NONE = _Nothing()
