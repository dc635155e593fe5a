"""Lists runs quickly: what one line says of each run, from its journal and the end of its W&B log."""

from pathlib import Path
from typing import Final, NamedTuple

from envcfg.core.code import Coded, code_of
from envcfg.core.errors import EnvcfgError
from envcfg.history.history import History
from envcfg.sources.folders import of_folder
from envcfg.sources.metrics import reward_of_all_tasks
from envcfg.sources.run_address import RunAddress
from envcfg.sources.runs_in_folder import addresses
from envcfg.sources.wandb.log import last_values

EPISODES: Final = "mean reward of the last episodes"
"""The name of the reward that the trainer passed to the tracker."""


class LastReward(NamedTuple):
    """The last known reward of a run, and the name of its metric."""

    name: str
    value: float


class ListedRun(NamedTuple):
    """What one line says of a run."""

    place: Path
    began: float | None
    """When the run began, in seconds since the Unix epoch; None if nothing is known."""
    ended: float | None
    """The time of the last entry."""
    status: str
    curriculum: str | None
    changes: int | None
    reward: LastReward | None
    problem: Coded | None = None
    """Why the run could not be read; the other fields are then unknown."""

    @property
    def duration(self) -> float | None:
        return None if self.began is None or self.ended is None else self.ended - self.began


def listed(place: Path) -> list[ListedRun]:
    """Read the line of each run in the folder *place*."""
    return [_listed(address) for address in addresses(place)]


def _listed(address: RunAddress) -> ListedRun:
    place = Path(str(address))
    try:
        history = of_folder(address.folder, address.run)
    except (EnvcfgError, OSError) as error:
        code = error.code if isinstance(error, EnvcfgError) else code_of(error)
        return ListedRun(place, None, None, "unreadable", None, None, None, Coded(str(error), code))
    return ListedRun(
        place,
        min((span.begun for span in history.spans), default=None),
        max(_times(history), default=None),
        history.status,
        history.curriculum,
        len(history.changes),
        _last_reward(history),
    )


def _times(history: History) -> list[float]:
    """The times of the entries that may be the last one."""
    recorded = [max(history.adoptions.columns.time, default=0.0) / 1000]
    found = [job.time for job in history.jobs] + [mix.time for mix in history.mixes]
    return found + recorded + ([history.ending.time] if history.ending else [])


def _last_reward(history: History) -> LastReward | None:
    """The mean reward of the last episodes; if the trainer passed none, the last value in the W&B log."""
    for mix in reversed(history.mixes):
        returns = (mix.rewards or {}).values()
        episodes = sum(one.episodes for one in returns)
        if episodes:
            return LastReward(EPISODES, sum(one.episodes * one.mean for one in returns) / episodes)
    return _last_logged(history)


def _last_logged(history: History) -> LastReward | None:
    for log in reversed(history.logs):
        try:
            values = last_values(log)
        except (EnvcfgError, OSError):
            continue
        numbers = {
            name: float(value)
            for name, value in values.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        name = reward_of_all_tasks(tuple(numbers), history.adopted)
        if name is not None:
            return LastReward(name, numbers[name])
    return None
