"""A mettagrid event handler: each simulation's config at the start of its episode, in the process where it runs."""

from collections.abc import Callable

from mettagrid.config.mettagrid_config import MettaGridConfig
from mettagrid.simulator.interface import SimulatorEventHandler

from envcfg.adapters.declared import Declared
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder


def label(config: MettaGridConfig) -> str:
    """The name that a mettagrid config has of its own."""
    return str(config.label)


class EnvConfigHandler(SimulatorEventHandler):
    """For `Simulator.add_event_handler`: records with *recorder*, by default the one attached to this process.

    Alone, it counts the steps of its simulations. As one of several it has a *slot*, and records at the step that the
    trainer told last (`Tracker.set_step`). *task* names the task of a config.
    """

    def __init__(
        self,
        recorder: Recorder | None = None,
        *,
        slot: int | None = None,
        task: Callable[[MettaGridConfig], str] = label,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # mettagrid's own
        self._recorder = tracker() if recorder is None else recorder
        self._slot = slot
        self._declared = Declared(task=task)
        self._steps = 0
        self._episode = -1

    def on_episode_start(self) -> None:
        with self._recorder.guard("EnvConfigHandler"):
            self._episode += 1
            config = self._sim.config
            self._recorder.record(
                config,
                step=self._steps if self._slot is None else None,
                episode=self._episode,
                task=self._declared.task_of(config),
                slot=self._slot or 0,
            )

    def on_step(self) -> None:
        self._steps += 1
