"""The current tracker of this process. Code that starts a job attaches it. The training loop gets it by `tracker()`."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any, Self

from envcfg.core.record import Cause, Role, Status
from envcfg.core.renamed import Renamed
from envcfg.core.save_interval import DEFAULT_SAVE_INTERVAL
from envcfg.core.stated import Stated
from envcfg.core.tree import Config
from envcfg.tracking.recorder import Recorder
from envcfg.tracking.tracker import Tracker


class NullTracker(Renamed):
    """The result of `tracker()` if no tracker is attached. Its methods do nothing, so training loops can call them."""

    _called = "tracker"
    save_interval: int = DEFAULT_SAVE_INTERVAL

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
        return None

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
        return None

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
        return None

    def state_draws(
        self,
        ranges: Mapping[str, Stated | Mapping[str, Any]],
        *,
        step: int | None = None,
        epoch: int | None = None,
        cause: Cause | None = None,
    ) -> None:
        return None

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
        return None

    def set_step(self, *, step: int, epoch: int | None = None) -> None:
        return None

    def mix(self, probabilities: Mapping[str, float], *, step: int | None = None, epoch: int | None = None) -> None:
        return None

    def end_epoch(
        self,
        *,
        step: int | None = None,
        epoch: int | None = None,
        rewards: Mapping[str, Iterable[float] | float] | None = None,
    ) -> None:
        return None

    def end_episode(
        self, *, reward: float, length: int | None = None, task: str | None = None, slot: int | None = None
    ) -> None:
        return None

    def begin_phase(self, name: str) -> None:
        return None

    def add_steps(self, steps: int, *, is_fallback: bool = False) -> None:
        return None

    @property
    def is_closed(self) -> bool:
        return False

    @property
    def next_epoch(self) -> int:
        return 0

    def next_episode(self, slot: int = 0) -> int:
        return 0

    def begin_slot(self, slot: int | None = None, *, role: Role = "train") -> int:
        return slot or 0

    def end_slot(self, slot: int | Iterable[int] | None = None) -> None:
        return None

    def close(self, status: Status = "completed") -> None:
        return None

    def digest(self, slot: int = 0) -> str | None:
        return None

    def guard(self, where: str) -> AbstractContextManager[None, bool]:
        """Suppress every exception of an adapter, since nothing is recorded."""
        return suppress(Exception)

    def shard(self, worker: int) -> Self:
        return self


_attached: list[Tracker] = []


def attach(tracker: Tracker) -> None:
    """Make *tracker* the result of `tracker()`, until `detach`."""
    _attached[:] = [tracker]


def detach() -> None:
    """Detach the tracker. Then `tracker()` returns an object that does nothing."""
    _attached.clear()


def tracker() -> Recorder:
    """The tracker that is attached to this process, or an object with the same methods that does nothing."""
    return _attached[0] if _attached else NullTracker()
