"""Records the drawn parameters of configs that are recorded one by one."""

from importlib.util import find_spec
from itertools import repeat
from typing import Any

from envcfg.core.diff import diff
from envcfg.core.tree import Config, lookup
from envcfg.tracking.arguments import When
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.capture.recognition import CacheEntry, NotCached
from envcfg.tracking.draws.collector import DrawCollector, Group, Resets
from envcfg.tracking.draws.parameters import DrawnParameters, Place
from envcfg.tracking.draws.watch import WATCHED, Watch


class DrawnConfigs:
    """The drawn parameters in the configs of single slots."""

    def __init__(self, parameters: DrawnParameters, collector: DrawCollector, capture: Capture) -> None:
        self._parameters = parameters
        self._collector = collector
        self._capture = capture
        self._watches: dict[Place, Watch] = {}
        self._earlier: list[tuple[int, str | None, When, Config]] = []
        """The first configs that were recorded, until it is known which parameters are drawn."""
        self._is_open = find_spec("numpy") is not None
        self._slots = 0

    def take(self, slot: int, task: str | None, entry: CacheEntry, when: When) -> CacheEntry:
        """Collect the drawn parameters of a config. Returns the config without them."""
        config = entry.snapshot.config.config
        self._slots = max(self._slots, slot + 1)
        if self._is_open:
            self._look(slot, task, when, config)
        if not self._parameters or entry.snapshot.template is not None:
            return entry
        drawn = self._drawn(config)
        if not drawn:
            return entry
        self._collect(slot, task, when, drawn)
        return NotCached(self._capture(self._parameters.config(config)))

    def _drawn(self, config: Config) -> dict[Place, Any]:
        found = {place: lookup(config, place) for place in self._parameters.places}
        return {place: value for place, value in found.items() if _is_number(value)}

    def _collect(self, slot: int, task: str | None, when: When, drawn: dict[Place, Any]) -> None:
        import numpy as np  # noqa: PLC0415  # only where parameters are drawn

        rows = {place: np.array([value]) for place, value in drawn.items()}
        group = Group(when.epoch, task, None)
        self._collector.add(Resets(group, when.step, np.array([slot]), self._slots, rows))

    def _look(self, slot: int, task: str | None, when: When, config: Config) -> None:
        """Look for drawn parameters among the values that changed since the last config, and collect earlier draws."""
        before = self._earlier[-1][-1] if self._earlier else {}
        places = [edit.path for edit in diff(before, config) if _is_number(edit.after)] if self._earlier else []
        for place in places:
            if all(isinstance(part, str) for part in place):
                watch = self._watches.setdefault(place, Watch())  # type: ignore[arg-type]  # all parts are names
                watch.see([lookup(config, place)], repeat(task))
        found = {place for place in self._watches if self._watches[place].is_drawn and not self._parameters.has(place)}
        self._parameters.declare(sorted(found), is_said=False)
        for earlier_slot, earlier_task, earlier_when, earlier in self._earlier if found else ():
            drawn = {place: value for place, value in self._drawn(earlier).items() if place in found}
            if drawn:
                self._collect(earlier_slot, earlier_task, earlier_when, drawn)
        self._earlier.append((slot, task, when, config))
        if len(self._earlier) >= WATCHED:
            self._is_open, self._earlier = False, []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
