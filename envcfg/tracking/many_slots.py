"""The part of a tracker that records many slots at once, and the distributions of their parameters."""

from collections.abc import Callable, Mapping
from typing import Any

from envcfg.core.errors import ConfigError
from envcfg.core.record import EVALUATION, Cause, Role
from envcfg.core.stated import Stated
from envcfg.core.tree import Config
from envcfg.tracking import arguments
from envcfg.tracking.arguments import When, checked_cause, optional_count, optional_text
from envcfg.tracking.capture.arrays import Naming
from envcfg.tracking.capture.columns import ColumnReader
from envcfg.tracking.capture.device_rows import HostColumns
from envcfg.tracking.capture.recognition import NotCached
from envcfg.tracking.capture.slot_arrays import with_value
from envcfg.tracking.draws.drawing import Drawing
from envcfg.tracking.slot_lives import SlotLives


class ManySlots(SlotLives):
    """The part of a tracker that records arrays. `Tracker` sets the attributes."""

    _drawing: Drawing
    _columns: ColumnReader
    _on_host: Mapping[Role, HostColumns]

    def record_slots(
        self,
        columns: Any,
        *,
        base: Any = None,
        step: int | None = None,
        epoch: int | None = None,
        resets: Any = None,
        task: str | Callable[[Config], str] | None = None,
        requested_at: int | None = None,
        cause: Cause | None = None,
        draws: bool | None = None,
        role: Role = "train",
    ) -> None:
        """Record the configs of all slots, for an env that keeps its parameters as arrays with one row for each slot.

        *columns* is a config whose leaves are such arrays, of any type that numpy accepts: a mapping, a named tuple, a
        dataclass, or a pytree of JAX. *base* has the parameters that all slots share. *resets* selects the slots that
        adopt their row now, by a mask or by slot numbers; by default all. *task* is the task of all slots, or a
        function of a config. A parameter that is drawn anew at each reset is recorded as a distribution (see
        `record_draws`); a message says so once. With *draws* False, each value is recorded. With the *role* `eval`, the
        slots are those of an evaluation: each value is recorded, apart from the training, and is in no summary of it.
        For the rest, see `record`.
        """
        with self._lock, self._out.guard("record_slots"):
            is_training = arguments.role(role) == "train"
            when = self._when(step, epoch, requested_at, cause, slot=None if is_training else EVALUATION)
            leaves, base, resets = self._read(columns, base, resets, task, role)
            if not is_training:
                self._adopt_evaluated(leaves, base, resets, task, when)
                return
            has_arrays = bool(leaves)
            if draws is not False:
                leaves, base = self._drawing.take(leaves, base=base, resets=resets, task=task, when=when)
            if leaves or not has_arrays:
                self._adopt_rows(leaves, base, resets, task, when)

    def record_draws(
        self,
        columns: Any,
        *,
        base: Any = None,
        step: int | None = None,
        epoch: int | None = None,
        resets: Any = None,
        task: str | None = None,
        branch: str | None = None,
        cause: Cause | None = None,
    ) -> None:
        """Record parameters that were drawn anew for the slots of *resets*, or for all slots, as distributions.

        For each epoch, task and *branch*, the journal gets the number, the mean, the standard deviation and the
        quantiles of each parameter, or how often each value was drawn if there are few; and a random sample of whole
        rows. *columns*, *base* and *resets* are as for `record_slots`. *branch* says where the values came from.
        """
        with self._lock, self._out.guard("record_draws"):
            when = self._when(step, epoch, None, cause)
            leaves, base, resets = self._read(columns, base, resets, task)
            named = optional_text(branch, self._out.text)
            self._drawing.take(leaves, base=base, resets=resets, task=task, when=when, branch=named, is_declared=True)

    def state_draws(
        self,
        ranges: Mapping[str, Stated | Mapping[str, Any]],
        *,
        step: int | None = None,
        epoch: int | None = None,
        cause: Cause | None = None,
    ) -> None:
        """Record from which distributions the parameters are drawn from now on. This is a change, with its *cause*.

        *ranges* has a `Uniform`, `LogUniform`, `Normal` or `Choice` for some parameters, named as in the columns.

        Example: `tracker.state_draws({"friction": Uniform(0.5, 1.5)}, step=step)`
        """
        with self._lock, self._out.guard("state_draws"):
            when = self._when(step, epoch, None, cause)
            self._drawing.state(ranges, when)

    def _read(
        self, columns: Any, base: Any, resets: Any, task: Naming, role: Role = "train"
    ) -> tuple[Mapping[tuple[str, ...], Any], Any, Any]:
        """The arrays in *columns*, the base with their static fields and single numbers, and the resets."""
        if task is not None and not isinstance(task, str) and hasattr(task, "__len__"):
            raise ConfigError(f"task={task!r}: expected one name, or a function that names the task of a config")
        leaves, shared = self._columns(columns)
        if shared:
            base = {} if base is None else self._capture(base).config.config
            for place, value in shared.items():
                base = with_value(base, place, value)
        arrays, slots = self._on_host[role](leaves, resets)
        return arrays, base, slots

    def _when(
        self,
        step: int | None,
        epoch: int | None,
        requested_at: int | None,
        cause: Cause | None,
        *,
        slot: int | None = None,
    ) -> When:
        at, of = self._enter(step, epoch, slot=slot)
        since, why = optional_count("requested_at", requested_at), checked_cause(cause, self._out.text)
        return When(at, of, None, self._on_axis(since), why)

    def _adopt_evaluated(
        self, leaves: Mapping[tuple[str, ...], Any], base: Any, resets: Any, task: Naming, when: When
    ) -> None:
        """As `_adopt_rows`, for slots of the evaluation. Nothing of the training counts them."""
        adopted = self._arrays["eval"](leaves, base, task, resets)
        self._slots.adopt_all([EVALUATION + slot for slot in adopted.slots], adopted.rows, when)

    def _adopt_rows(
        self,
        leaves: Mapping[tuple[str, ...], Any],
        base: Any,
        resets: Any,
        task: str | Callable[[Config], str] | None,
        when: When,
    ) -> None:
        """Record the rows that slots adopt, each as a config."""
        is_asked = self._slots.requests.is_asked
        adopted = self._arrays["train"](leaves, base, task, resets, is_asked=is_asked)
        for chosen, why in self._drawing.explained(adopted.slots, when):
            slots, rows = [adopted.slots[row] for row in chosen], [adopted.rows[row] for row in chosen]
            if is_asked:
                for slot, row in zip(slots, rows, strict=True):
                    self._slots.adopt(slot, row.task, NotCached(row.snapshot), why)
            else:
                self._slots.adopt_all(slots, rows, why)
        for name, times in adopted.counts.items():
            self._progress.tally.adopt(name, times)
