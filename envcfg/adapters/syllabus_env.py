"""A wrapper for Syllabus, which draws tasks ahead and may change them within an episode. It records adopted tasks."""

from collections.abc import Mapping
from typing import Any, Final

from envcfg.adapters.declared import CauseOf, TaskOf
from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.core.record import Cause
from envcfg.tracking.recorder import Recorder

DRAWN: Final = Cause("curriculum")


def name_of(config: Any) -> str | None:
    """Return the task in *config* as text."""
    return str(config["task"]) if isinstance(config, Mapping) and "task" in config else None


class RecordedTaskEnv(RecordedEnv):
    """Wraps a `GymnasiumSyncWrapper` of Syllabus and records its task at each reset and whenever it changes.

    The arguments are those of `RecordedEnv`. The decoded task is the key `task` of the recorded config.

    Example: `env = RecordedTaskEnv(GymnasiumSyncWrapper(env, task_space, components), slot=0)`
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
            if not self._recorder.is_closed and self._synced.get_task() is not self._task:
                self._record(None)
        return taken

    def config(self, options: Mapping[str, Any] | None) -> Any:
        self._task = self._synced.get_task()
        found = super().config(options)
        return {**found, "task": self._task} if isinstance(found, Mapping) else found


def syllabus_probabilities(curriculum: Any, *, task: TaskOf = name_of) -> dict[str, float]:
    """Return the current task probabilities of a Syllabus curriculum, for `Tracker.mix`.

    For a sequence of curricula, they are those of the current stage. Tasks have the same names as in `RecordedTaskEnv`
    with the same *task*. Raises `NotImplementedError`, as Syllabus does, if the curriculum has no probabilities.
    """
    inner = curriculum
    while inner is not None:  # Syllabus's wrappers return None for an unknown attribute
        curriculum = inner
        inner = getattr(curriculum, "curriculum", None) or getattr(curriculum, "current_curriculum", None)
    shares = curriculum._sample_distribution()  # noqa: SLF001  # Syllabus has no public method for it
    names = [task({"task": each}) if callable(task) else task for each in curriculum.tasks]
    return {str(name): float(share) for name, share in zip(names, shares, strict=True)}
