"""A Gymnasium wrapper that records the config of its environment at each reset, in the process of the environment."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import gymnasium

from envcfg.adapters.clock_claims import is_counted, lockstep_of
from envcfg.adapters.declared import Declared
from envcfg.adapters.form import form
from envcfg.adapters.layers import Layers
from envcfg.adapters.occupants import Occupant, tell_if_closed
from envcfg.adapters.transparent import Transparent
from envcfg.core.record import Role
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder

DIGEST: Final = "env_config_digest"
"""The key of the digest of the recorded config in a reset's info. Vector environments would corrupt a whole config."""

_HERE: Final = "RecordedEnv"
_FINAL: Final = frozenset({"final_obs", "final_observation", "terminal_observation"})
"""Keys of the info of a step in which a wrapper has reset the environment: with the last observation before it."""


class RecordedEnv(Transparent, gymnasium.Wrapper[Any, Any, Any, Any]):
    """Wraps one Gymnasium environment and records its config at each reset.

    *recorder* is by default the tracker of this process. *slot* is the number of the environment; without it, the
    recorder gives it the next free one. An environment without a *slot* counts its own steps, unless an adapter of the
    training does. One with a *slot* uses the last step of `Tracker.set_step` or `RecordedVectorEnv`. If nobody sets the
    step, give *slots*, the number of environments that are stepped together: the step is then the environment's own
    steps times *slots*. With the *role* `eval`, it is recorded apart, and is in no summary of the training. The returns
    of its episodes are kept too. With *watch_steps*, the config is also read after so many steps of an episode, and
    recorded if it has changed. The other arguments say what is recorded (`attributes`, `spec`, `options`, `config`,
    `task`, `cause`, `draws`).
    Raises `ConfigError` for arguments that contradict each other.

    Example: `env = RecordedEnv(gymnasium.make("CartPole-v1"), attributes=["gravity"])`
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        recorder: Recorder | None = None,
        *,
        slot: int | None = None,
        slots: int | None = None,
        role: Role = "train",
        watch_steps: int | None = None,
        **declared: Any,
    ) -> None:
        super().__init__(env)
        self._recorder = tracker() if recorder is None else recorder
        self._occupant = Occupant(self._recorder, slot, role)
        self._counts = slot is None and slots is None and role == "train"
        """Whether it counts its own steps, unless an adapter of the training does."""
        self._slots = slots if role == "train" else None
        self._declared = Declared(**declared)
        self._layers = Layers(env)
        self._watch = watch_steps
        self._options: Mapping[str, Any] | None = None
        self._form = b""
        """The form of the latest recorded config, with *watch_steps*."""
        self._is_over = False
        """Whether the episode has ended, and the environment was not reset since."""
        self._steps = 0
        """The steps since the last reset."""
        self._return = 0.0
        self._has_returns = True
        self._episode: int | None = None
        with self._recorder.guard(_HERE):
            self._layers.look(self._declared.attributes)
        tell_if_closed(self._recorder)

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        taken: tuple[Any, dict[str, Any]] = self.env.reset(**kwargs)
        if self._recorder.is_closed:
            return taken
        with self._recorder.guard(_HERE):
            self._adopt(kwargs.get("options"))
            digest = self._recorder.digest(self._occupant.number)
            taken = taken if digest is None else (taken[0], {**taken[1], DIGEST: digest})
            self._occupant.check()
        return taken

    def step(self, action: Any) -> Any:
        taken = self.env.step(action)
        if self._recorder.is_closed:
            return taken
        with self._recorder.guard(_HERE):
            self._after_step(taken)
        return taken

    def close(self) -> None:
        with self._recorder.guard(_HERE):
            self._occupant.end()
        self.env.close()

    @property
    def recorded_slot(self) -> int:
        """The number of the slot that is recorded."""
        return self._occupant.number

    def config(self, options: Mapping[str, Any] | None) -> Any:
        """Return the config to record after a reset with *options*."""
        return self._declared.read(self._layers, options)

    def _adopt(self, options: Mapping[str, Any] | None) -> None:
        """Begin an episode with the config that was adopted at its reset."""
        self._begin_episode()
        self._options = options
        self._record(options)

    def _after_step(self, taken: Any) -> None:
        """Count a step. An inner wrapper may have reset the environment instead of the step, or within it."""
        is_reset_instead, info = self._is_over, taken[4]
        self._is_over = bool(taken[2] or taken[3])
        if is_reset_instead:
            self._adopt(None)
        else:
            self._count(taken)
        if self._is_over and isinstance(info, Mapping) and not _FINAL.isdisjoint(info):
            self._is_over = False
            self._adopt(None)
        if self._watch is not None and self._steps % self._watch == 0 and self._steps:
            self._look()

    def _look(self) -> None:
        """Record the config if it has changed within the episode."""
        config = self.config(self._options)
        if form(config) != self._form:
            self._write(config)

    def _begin_episode(self) -> None:
        """Count the steps since the last reset, if nobody else counts them, and begin an episode."""
        number = self._occupant.number
        if self._slots is not None:
            new = lockstep_of(self._recorder).take(number, self._steps)
            self._recorder.add_steps(new * self._slots, is_fallback=True)
        before = self._episode
        self._episode = self._recorder.next_episode(number) if before is None else before + 1
        self._steps, self._return, self._is_over = 0, 0.0, False

    def _count(self, taken: Any) -> None:
        """Count a step and its reward. If the episode ended, keep its return."""
        self._steps += 1
        if self._counts and not is_counted(self._recorder):
            self._recorder.add_steps(1)
        if not self._has_returns:
            return
        try:
            self._return += float(taken[1])
        except (TypeError, ValueError):  # a reward for each agent
            self._has_returns = False
            return
        if taken[2] or taken[3]:
            said = taken[4].get("episode")  # the raw return, from `RecordEpisodeStatistics`
            reward = float(said["r"]) if isinstance(said, Mapping) and "r" in said else self._return
            self._recorder.end_episode(reward=reward, length=self._steps, slot=self._occupant.number)

    def _record(self, options: Mapping[str, Any] | None) -> None:
        self._write(self.config(options))

    def _write(self, config: Any) -> None:
        if self._watch is not None:
            self._form = form(config)
        self._recorder.record(
            config,
            episode=self._episode,
            task=self._declared.task_of(config),
            slot=self._occupant.number,
            cause=self._declared.cause_of(self.env),
            draws=self._declared.draws,
        )


def recorded(
    env_fns: Sequence[Callable[[], gymnasium.Env[Any, Any]]],
    recorder: Recorder | None = None,
    **declared: Any,
) -> list[Callable[[], gymnasium.Env[Any, Any]]]:
    """Return functions that make recorded environments, one for each slot, for a vector environment.

    The functions suit the vector environments of Gymnasium and of Stable-Baselines3. A worker process that calls one
    writes its own shard. If nobody sets the step, each environment assumes that all take as many steps. The other
    arguments are those of `RecordedEnv`.

    Example: `SubprocVecEnv(recorded(env_fns, attributes=["gravity"]))`
    """
    used = tracker() if recorder is None else recorder
    options = {"slots": len(env_fns), **declared}
    return [partial(_made, env_fn, used, slot, options) for slot, env_fn in enumerate(env_fns)]


def _made(
    env_fn: Callable[[], gymnasium.Env[Any, Any]],
    recorder: Recorder,
    slot: int,
    declared: Mapping[str, Any],
) -> RecordedEnv:
    return RecordedEnv(env_fn(), recorder, slot=slot, **declared)
