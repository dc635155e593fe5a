"""The recorder: the calls of a training loop, whether anything records them or not."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from envcfg.core.record import Cause, Status
from envcfg.core.tree import Config


class Recorder(Protocol):
    """What `envcfg.tracker()` gives: a `Tracker`, or an object with the same methods that does nothing.

    Annotate with it what only records. `Tracker` documents each call.
    """

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
    ) -> None:
        """Record the config that the env of *slot* adopted."""

    def record_slots(
        self,
        columns: Mapping[str, Any],
        *,
        base: Any = None,
        step: int | None = None,
        epoch: int | None = None,
        resets: Any = None,
        task: str | Callable[[Config], str] | None = None,
        requested_at: int | None = None,
        cause: Cause | None = None,
    ) -> None:
        """Record what every slot runs, from arrays of one entry, or row, a slot."""

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
        """Record what the env of *slot* was asked to run."""

    def set_step(self, *, step: int, epoch: int | None = None) -> None:
        """Set the current step. Later calls without `step=` use it, in worker processes too."""

    def mix(self, probabilities: Mapping[str, float], *, step: int | None = None, epoch: int | None = None) -> None:
        """Record the task probabilities that the curriculum states now."""

    def end_epoch(self, *, step: int, epoch: int, rewards: Mapping[str, Iterable[float] | float] | None = None) -> None:
        """End an epoch: write its counts and publish its metrics."""

    def close(self, status: Status = "completed") -> None:
        """Write what is left and seal the journal; a second call does nothing."""

    def digest(self, slot: int = 0) -> str | None:
        """The digest of what `record` recorded last of *slot*; None where nothing was recorded."""

    def guard(self, where: str) -> AbstractContextManager[None, bool]:
        """Surround code of an adapter: what fails in it is counted and told, and raises only with `strict`."""

    def shard(self, worker: int) -> "Recorder":
        """The recorder to hand to the worker of this number."""
