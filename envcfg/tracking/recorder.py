"""The recorder: the protocol of the calls in a training loop."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from envcfg.core.record import Cause, Role, Status
from envcfg.core.stated import Stated
from envcfg.core.tree import Config


class Recorder(Protocol):
    """The result of `envcfg.tracker()`: a `Tracker`, or an object with the same methods that does nothing.

    Use it as the type of an argument that only records. `Tracker` documents each call.
    """

    save_interval: int

    def record(
        self,
        config: Any,
        *,
        step: int | None = None,
        epoch: int | None = None,
        episode: int | None = None,
        task: str | None = None,
        slot: int = 0,
        requested_at: int | None = None,
        cause: Cause | None = None,
        version: int | str | None = None,
        draws: bool | None = None,
    ) -> None:
        """Record the config that the env of *slot* adopted."""

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
        """Record the configs of all slots, from arrays with one row for each slot."""

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
        """Record parameters that were drawn anew at resets, as distributions."""

    def state_draws(
        self,
        ranges: Mapping[str, Stated | Mapping[str, Any]],
        *,
        step: int | None = None,
        epoch: int | None = None,
        cause: Cause | None = None,
    ) -> None:
        """Record from which distributions the parameters are drawn from now on."""

    def request(
        self,
        changes: Any,
        *,
        step: int | None = None,
        epoch: int | None = None,
        slot: int | Iterable[int] | None = None,
        task: str | None = None,
        cause: Cause | None = None,
    ) -> None:
        """Record a request to the env of *slot*: a whole config, or only the leaves to change."""

    def set_step(self, *, step: int, epoch: int | None = None) -> None:
        """Set the current step. Later calls without `step=` use it, in worker processes too."""

    def mix(self, probabilities: Mapping[str, float], *, step: int | None = None, epoch: int | None = None) -> None:
        """Record the task probabilities that the curriculum states now."""

    def end_epoch(
        self,
        *,
        step: int | None = None,
        epoch: int | None = None,
        rewards: Mapping[str, Iterable[float] | float] | None = None,
    ) -> None:
        """End an epoch: write its counts and publish its metrics."""

    def end_episode(
        self, *, reward: float, length: int | None = None, task: str | None = None, slot: int | None = None
    ) -> None:
        """Count an episode that ended, with its return and its number of steps."""

    def begin_phase(self, name: str) -> None:
        """Begin a phase at the next step, such as a stage of the curriculum."""

    def add_steps(self, steps: int, *, is_fallback: bool = False) -> None:
        """Count environment steps that were taken since the last call."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, so that it records nothing more."""

    @property
    def next_epoch(self) -> int:
        """The number of the epoch that begins at the current step."""

    def next_episode(self, slot: int = 0) -> int:
        """The number of the next episode of *slot*."""

    def begin_slot(self, slot: int | None = None, *, role: Role = "train") -> int:
        """Begin to record a new environment. Returns the number to pass as `slot` to the other calls."""

    def end_slot(self, slot: int | Iterable[int] | None = None) -> None:
        """End the environment of *slot*: one slot, several, or None for all slots of this process."""

    def close(self, status: Status = "completed") -> None:
        """Write the remaining entries and seal the journal. A second call does nothing."""

    def digest(self, slot: int = 0) -> str | None:
        """The digest of the latest config that `record` recorded for *slot*; None if nothing was recorded."""

    def guard(self, where: str) -> AbstractContextManager[None, bool]:
        """A context manager for an adapter's code. An exception in it is counted and shown; only `strict` raises it."""

    def shard(self, worker: int) -> "Recorder":
        """The recorder to pass to the worker with this number."""
