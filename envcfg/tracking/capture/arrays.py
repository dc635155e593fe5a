"""Captures many slots at once, for an env that keeps its parameters as arrays. Only changed rows are captured."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from envcfg.core.code import Code, mark
from envcfg.core.tree import Config
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.capture.slot_arrays import Arrays, as_arrays, reset_mask, with_value
from envcfg.tracking.capture.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

_ROWS: Final = 16_384
"""The number of distinct rows to keep."""

Naming: TypeAlias = str | Callable[[Config], str] | None


class CapturedRow(NamedTuple):
    """The snapshot that a slot adopted, and its task."""

    task: str | None
    snapshot: Snapshot


class AdoptedRows(NamedTuple):
    """The result of one call."""

    slots: Sequence[int]
    """The slots that adopted a row that they did not have before."""
    rows: Sequence[CapturedRow]
    """The new row of each of these slots."""
    counts: Mapping[str | None, int]
    """The number of slots that adopted each task."""


class ArrayCapture:
    """The rows of all slots as bytes. Comparing them costs about as much as comparing two arrays."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._form: tuple[Any, ...] = ()
        self._known: OrderedDict[bytes, CapturedRow] = OrderedDict()
        self._rows: list[CapturedRow | None] = []
        self._matrix: Array | None = None
        self._begun: Array | None = None
        """Which slots have adopted anything."""
        self._written: list[bytes] | None = None
        """The columns at the last call after which every slot had adopted its row."""
        self._counts: Counter[str | None] = Counter()

    def __call__(
        self, leaves: Mapping[tuple[str, ...], Any], base: Any, task: Naming, resets: Any, *, is_asked: bool = False
    ) -> AdoptedRows:
        """Capture the rows that slots adopt now.

        With *is_asked*, every slot that adopts is returned, also with an unchanged row, since it may fulfil a request.
        Raises `ConfigError` for arrays that do not fit together, and the errors of `Capture`.
        """
        import numpy as np  # noqa: PLC0415  # only where there are arrays

        arrays = as_arrays(leaves, np)
        redacted = None if base is None else self._capture(base)
        self._begin(arrays, redacted, task, np)
        written = [array.tobytes() for array in arrays.values()]
        if resets is None and not is_asked and written == self._written:
            return AdoptedRows((), (), self._counts)
        matrix, mask = _matrix(arrays, np), reset_mask(resets, len(self._rows), np)
        differs = (matrix != self._matrix).any(axis=1) | ~self._begun  # type: ignore[operator]  # _begin made it
        slots = np.flatnonzero(mask if is_asked else differs & mask).tolist()
        rows = [self._adopt(slot, matrix[slot].tobytes(), arrays, redacted, task) for slot in slots]
        self._matrix[slots], self._begun[slots] = matrix[slots], True  # type: ignore[index]
        self._written = None if (differs & ~mask).any() else written
        return AdoptedRows(slots, rows, self._counts if resets is None else self._count(np.flatnonzero(mask).tolist()))

    def forget(self) -> None:
        """Forget the rows, so that each slot adopts its next one as if it were new."""
        self.__init__(self._capture)  # type: ignore[misc]

    def _begin(self, arrays: "Arrays", base: Snapshot | None, task: Naming, np: Any) -> None:
        """Discard all rows if the earlier rows cannot be compared with the new ones."""
        form = (
            [(place, array.dtype.str, array.shape) for place, array in arrays.items()],
            base and base.config.digest,
            task if isinstance(task, str) else task is None,
        )
        if form != self._form:
            self.forget()
            self._form, self._rows = form, [None] * len(next(iter(arrays.values())))
            self._matrix, self._begun = np.zeros_like(_matrix(arrays, np)), np.zeros(len(self._rows), bool)

    def _adopt(self, slot: int, key: bytes, arrays: "Arrays", base: Snapshot | None, task: Naming) -> CapturedRow:
        row = self._known.get(key)
        if row is None:
            row = self._known[key] = self._captured(slot, arrays, base, task)
            if len(self._known) > _ROWS:
                self._known.popitem(last=False)
        before = self._rows[slot]
        if before is not None:
            self._counts[before.task] -= 1
        self._rows[slot] = row
        self._counts[row.task] += 1
        return row

    def _captured(self, slot: int, arrays: "Arrays", base: Snapshot | None, task: Naming) -> CapturedRow:
        config: Config = {} if base is None else base.config.config
        for place, array in arrays.items():
            config = with_value(config, place, array[slot].tolist())
        snapshot = self._capture(config)
        name = named(task, snapshot.config.config) if callable(task) else task
        return CapturedRow(None if name is None else self._capture.text(name), snapshot)

    def _count(self, slots: Sequence[int]) -> Counter[str | None]:
        return Counter(row.task for row in map(self._rows.__getitem__, slots) if row is not None)


def named(task: Callable[[Config], str], config: Config) -> str:
    try:
        return task(config)
    except Exception as error:
        mark(error, Code.USER_FUNCTION)
        raise


def _matrix(arrays: "Arrays", np: Any) -> "Array":
    """A row of bytes for each slot, viewed as 64-bit integers, which numpy compares faster."""
    parts = [array.reshape(len(array), -1).view(np.uint8) for array in arrays.values()]
    width = sum(part.shape[1] for part in parts)
    parts += [np.zeros((len(parts[0]), -width % 8), np.uint8)] if width % 8 else []
    rows: Array = np.concatenate(parts, axis=1).view(np.uint64)
    return rows
