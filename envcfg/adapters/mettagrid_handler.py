"""A mettagrid event handler that records the config of a simulation when an episode starts."""

from collections.abc import Callable

from mettagrid.config.mettagrid_config import MettaGridConfig
from mettagrid.simulator.interface import SimulatorEventHandler

from envcfg.adapters.clock_claims import is_counted
from envcfg.adapters.declared import Declared
from envcfg.adapters.occupants import Occupant
from envcfg.core.record import Role
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder


def label(config: MettaGridConfig) -> str:
    """Return the label of a mettagrid config."""
    return str(config.label)


class MettagridHandler(SimulatorEventHandler):
    """Records the config of a mettagrid simulation at the start of each episode.

    *recorder* is by default the tracker of this process. A handler without a *slot* gets the next free number, and
    counts the steps of its simulations. One with a *slot* uses the last step of `Tracker.set_step`. With the *role*
    `eval`, it is in no summary of the training. *task* is a function that names the task
    of a config; by default it is the config's label. *draws* is as for `Tracker.record`.

    Example: `simulator.add_event_handler(MettagridHandler(tracker, slot=0))`
    """

    def __init__(
        self,
        recorder: Recorder | None = None,
        *,
        slot: int | None = None,
        role: Role = "train",
        task: Callable[[MettaGridConfig], str] = label,
        draws: bool | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # mettagrid's own
        self._recorder = tracker() if recorder is None else recorder
        self._occupant = Occupant(self._recorder, slot, role)
        self._counts = slot is None and role == "train"
        self._declared = Declared(task=task, draws=draws)
        self._episode: int | None = None
        self._is_over = False

    def on_episode_start(self) -> None:
        self._is_over = False
        if self._recorder.is_closed:
            return
        with self._recorder.guard("MettagridHandler"):
            before = self._episode
            self._episode = self._recorder.next_episode(self._occupant.number) if before is None else before + 1
            config = self._sim.config
            self._recorder.record(
                config,
                episode=self._episode,
                task=self._declared.task_of(config),
                slot=self._occupant.number,
                draws=self._declared.draws,
            )
            self._occupant.check()

    def on_episode_end(self) -> None:
        """Keep the mean return of the agents, and the length of the episode."""
        if self._is_over or self._recorder.is_closed:
            return  # a program may step on after the end
        self._is_over = True
        with self._recorder.guard("MettagridHandler"):
            returns = self._sim.episode_rewards
            self._recorder.end_episode(
                reward=float(returns.mean()), length=self._sim.current_step, slot=self._occupant.number
            )

    def on_step(self) -> None:
        if self._counts and not self._recorder.is_closed and not is_counted(self._recorder):
            self._recorder.add_steps(1)

    def close(self) -> None:
        with self._recorder.guard("MettagridHandler"):
            self._occupant.end()
