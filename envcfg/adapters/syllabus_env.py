"""Syllabus: tasks are drawn ahead and may change in mid-episode; recorded is what an environment took up."""

from collections.abc import Mapping
from typing import Any

from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.tracking.ambient import NullTracker
from envcfg.tracking.tracker import Tracker


class RecordedTaskEnv(RecordedEnv):
    """Around a `GymnasiumSyncWrapper`: records its task at each reset, and at each step in which it changed.

    Arguments are those of `RecordedEnv`; the task stands in the config under `task`, decoded.
    """

    def __init__(
        self, env: Any, recorder: Tracker | NullTracker | None = None, *, slot: int | None = None, **declared: Any
    ) -> None:
        super().__init__(env, recorder, slot=slot, **declared)
        self._synced = env
        self._task: Any = None

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        taken = super().step(action)
        if self._synced.get_task() is not self._task:
            self._record(None)
        return taken

    def config(self, options: Mapping[str, Any] | None) -> Any:
        self._task = self._synced.get_task()
        found = super().config(options)
        return {**found, "task": self._task} if isinstance(found, Mapping) else found


def stated(curriculum: Any) -> dict[str, float]:
    """The probabilities that a Syllabus curriculum states now, by the names of its tasks: for `Tracker.mix`.

    Raises `NotImplementedError` where it has none, as Syllabus does.
    """
    shares = curriculum._sample_distribution()  # noqa: SLF001  # Syllabus has no public way to ask
    names = [str(curriculum.task_names(task, index)) for index, task in enumerate(curriculum.tasks)]
    return dict(zip(names, map(float, shares), strict=True))
