"""Syllabus: tasks are drawn ahead and may change in mid-episode; recorded is what an environment took up."""

from collections.abc import Mapping
from typing import Any, Final

from envcfg.adapters.declared import CauseOf, TaskOf
from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.core.record import Cause
from envcfg.tracking.recorder import Recorder

DRAWN: Final = Cause("curriculum")


def name_of(config: Any) -> str | None:
    """The task itself, as text."""
    return str(config["task"]) if isinstance(config, Mapping) and "task" in config else None


class RecordedTaskEnv(RecordedEnv):
    """Around a `GymnasiumSyncWrapper`: records its task at each reset, and at each step in which it changed.

    Arguments are those of `RecordedEnv`; the task stands in the config under `task`, decoded.
    """

    def __init__(
        self,
        env: Any,
        recorder: Recorder | None = None,
        *,
        slot: int | None = None,
        task: TaskOf = name_of,
        cause: CauseOf = DRAWN,
        **declared: Any,
    ) -> None:
        super().__init__(env, recorder, slot=slot, task=task, cause=cause, **declared)
        self._synced = env
        self._task: Any = None

    def step(self, action: Any) -> Any:
        taken = super().step(action)
        with self._recorder.guard("RecordedTaskEnv"):
            if self._synced.get_task() is not self._task:
                self._record(None)
        return taken

    def config(self, options: Mapping[str, Any] | None) -> Any:
        self._task = self._synced.get_task()
        found = super().config(options)
        return {**found, "task": self._task} if isinstance(found, Mapping) else found


def syllabus_probabilities(curriculum: Any, *, task: TaskOf = name_of) -> dict[str, float]:
    """The probabilities that a Syllabus curriculum states now, of a sequence its present stage: for `Tracker.mix`.

    Tasks are named as by `RecordedTaskEnv` with the same *task*. Raises `NotImplementedError` where the curriculum
    has no probabilities, as Syllabus does.
    """
    inner = curriculum
    while inner is not None:  # Syllabus's wrappers answer None to what they do not know
        curriculum = inner
        inner = getattr(curriculum, "curriculum", None) or getattr(curriculum, "current_curriculum", None)
    shares = curriculum._sample_distribution()  # noqa: SLF001  # Syllabus has no public way to ask
    names = [task({"task": each}) if callable(task) else task for each in curriculum.tasks]
    return {str(name): float(share) for name, share in zip(names, shares, strict=True)}
