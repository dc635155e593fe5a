"""Records the drawn parameters of many slots, for an env that keeps its parameters as arrays."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from envcfg.core.errors import ConfigError
from envcfg.core.tree import Config
from envcfg.tracking.arguments import When
from envcfg.tracking.capture.arrays import Naming, named
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.capture.slot_arrays import as_arrays, reset_rows, rows_of, with_value
from envcfg.tracking.draws.collector import DrawCollector, Group, Resets
from envcfg.tracking.draws.column_watch import ColumnWatch
from envcfg.tracking.draws.parameters import DrawnParameters, Place

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

_KINDS: Final = "biufUS"


class DrawnSlots:
    """The drawn parameters of all slots of this process."""

    def __init__(self, parameters: DrawnParameters, collector: DrawCollector, capture: Capture) -> None:
        self._parameters = parameters
        self._collector = collector
        self._capture = capture
        self._watch = ColumnWatch()
        self._drawn: tuple[Place, ...] = ()
        self._known: tuple[tuple[Place, ...], int] | None = None
        """The columns of `_drawn`, and the version of the parameters."""
        self._latest: dict[Place, Array | None] = {}
        """The latest rows of all slots, if the program does not say which slots were reset."""

    def take(
        self,
        leaves: Mapping[Place, Any],
        *,
        base: Any,
        resets: Any,
        task: Naming,
        when: When,
        branch: str | None = None,
        is_declared: bool = False,
    ) -> tuple[Mapping[Place, Any], Mapping[str | None, int]]:
        """Collect the drawn ones of these columns. Returns the other columns, and the number of draws by task.

        If the parameters are *is_declared*, all are drawn; without *resets*, in all slots. Otherwise, those that look
        like it are, and without *resets* in the slots whose row changed.
        """
        import numpy as np  # noqa: PLC0415  # only where there are arrays

        if is_declared:
            self._parameters.declare(leaves)
        elif self._watch.is_open:
            self._look(leaves, resets, when, task, np)
        drawn = self._among(leaves)
        if not drawn:
            return leaves, {}
        is_every = len(drawn) == len(leaves)
        rest = {} if is_every else {place: leaf for place, leaf in leaves.items() if place not in drawn}
        columns = leaves if is_every else {place: leaves[place] for place in drawn}
        name = None if task is None or callable(task) else self._capture.text(task)
        found = self._resets(columns, resets, Group(when.epoch, name, branch), when.step, is_all=is_declared, np=np)
        return rest, self._collect(found, rest, base, task, np)

    def _collect(
        self, found: Resets, rest: Mapping[Place, Any], base: Any, task: Naming, np: Any
    ) -> Mapping[str | None, int]:
        if not len(found.slots):
            return {}
        if callable(task):
            others = {place: rows_of(leaf, found.slots, np) for place, leaf in rest.items()}
            return self._collect_by_task(found, {**others, **found.rows}, base, task)
        self._collector.add(found)
        return {found.group.task: len(found.slots)}

    def _collect_by_task(
        self, found: Resets, rows: "Mapping[Place, Array]", base: Any, task: Callable[[Config], str]
    ) -> dict[str | None, int]:
        """Name the task of each reset slot by its whole config."""
        given = {} if base is None else self._capture(base).config.config
        tasks: dict[str | None, list[int]] = {}
        for row in range(len(found.slots)):
            config = given
            for place, values in rows.items():
                config = with_value(config, place, values[row].tolist())
            tasks.setdefault(self._capture.text(named(task, config)), []).append(row)
        for name, chosen in tasks.items():
            taken = {place: values[chosen] for place, values in found.rows.items()}
            group = found.group._replace(task=name)
            self._collector.add(found._replace(group=group, rows=taken, slots=found.slots[chosen]))
        return {name: len(chosen) for name, chosen in tasks.items()}

    def _look(self, leaves: Mapping[Place, Any], resets: Any, when: When, task: Naming, np: Any) -> None:
        """Look for drawn parameters, and collect their earlier draws."""
        columns = {place: leaf for place, leaf in leaves.items() if not self._parameters.has(place)}
        if not columns:
            return
        group = Group(when.epoch, task if isinstance(task, str) else None, None)
        before = dict(self._latest)
        found = self._resets(as_arrays(columns, np), resets, group, when.step, is_all=False, np=np)
        places = self._watch.see(found)
        self._parameters.declare(places, is_said=False)
        self._latest |= {place: before.get(place) for place in places}
        for earlier in self._watch.earlier([place for place in places if self._parameters.has(place)]):
            self._collector.add(earlier)
        if not self._watch.is_open:
            self._watch.close()

    def _among(self, leaves: Mapping[Place, Any]) -> tuple[Place, ...]:
        """The drawn ones of these columns."""
        places = tuple(leaves)
        if self._known != (places, self._parameters.version):
            self._drawn = tuple([place for place in places if self._parameters.has(place)])
            self._known = (places, self._parameters.version)
        return self._drawn

    def _resets(
        self,
        columns: Mapping[Place, Any],
        resets: Any,
        group: Group,
        step: int,
        *,
        is_all: bool,
        np: Any,
    ) -> Resets:
        of = _slots_of(columns)
        if of is None:
            columns = as_arrays(columns, np)
            of = len(next(iter(columns.values())))
        if resets is not None:
            slots = reset_rows(resets, of, np)
        else:
            slots = np.arange(of) if is_all else self._changed(columns, np)
        rows = {
            place: value[slots] if type(value) is np.ndarray else rows_of(value, slots, np)
            for place, value in columns.items()
        }
        for place, values in rows.items():
            if values.dtype.kind not in _KINDS:
                raise ConfigError(f"{'.'.join(place)} is an array of type {values.dtype}: expected numbers or texts")
        return Resets(group, step, slots, of, rows)

    def _changed(self, columns: Mapping[Place, Any], np: Any) -> "Array":
        """The slots of which a row differs from the one in the last call; all if there was none."""
        arrays = as_arrays(columns, np)
        first = next(iter(arrays.values()))
        differs = np.zeros(len(first), bool)
        for place, array in arrays.items():
            before = self._latest.get(place)
            if before is None or before.shape != array.shape:
                differs[:] = True
            else:
                differs |= (array != before).reshape(len(array), -1).any(axis=1)
            self._latest[place] = array.copy()
        slots: Array = np.flatnonzero(differs)
        return slots


def _slots_of(columns: Mapping[Place, Any]) -> int | None:
    """The number of slots, if all columns are arrays with that many rows."""
    try:
        found = {column.shape[0] for column in columns.values()}
    except (AttributeError, IndexError, TypeError):  # a list, or a single number
        return None
    return found.pop() if len(found) == 1 else None
