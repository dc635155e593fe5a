"""What a vector environment of Stable-Baselines3 shows of its environments, and what to say if it shows none."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

import gymnasium
from stable_baselines3.common.vec_env import VecEnv

from envcfg.adapters.method_hooks import GuardFactory, MethodHooks
from envcfg.adapters.occupants import Occupant
from envcfg.adapters.reading import value_or_marker

ELSEWHERE: Final = (
    "the environments of this {} run in other processes, and no recorder wraps them: only requests will be recorded; "
    "to record configs, create it from envcfg.adapters.recorded(env_fns)"
)
UNSEEN: Final = (
    "this {} does not show its environments: if no recorder wraps them, only requests will be recorded; to record "
    "configs, if it keeps the parameters itself, use recorded_tensors(venv, tracker, attributes=...), else create it "
    "from envcfg.adapters.recorded(env_fns), or call tracker.record(config, slot=slot) at each reset"
)
ASYNC: Final = (
    "async_eval runs its own environments in other processes, which this callback cannot read; "
    "to record configs, create them from envcfg.adapters.recorded(env_fns)"
)
_watched: Final[WeakKeyDictionary[VecEnv, MethodHooks]] = WeakKeyDictionary()
"""The vector environments whose environments a callback has read, with the hook of their `close`."""


def end_at_close(venv: VecEnv, occupants: Iterable[Occupant], guard: GuardFactory, is_over: Callable[[], bool]) -> None:
    """End the slots of *venv* when it is closed, which may be long after the training."""
    if venv in _watched:
        _watched[venv].remove_all()
    hooks = _watched[venv] = MethodHooks(guard, object(), is_over)
    hooks.add(venv, "close", after=partial(_closed, tuple(occupants), hooks))


def _closed(occupants: Iterable[Occupant], hooks: MethodHooks, *_: Any) -> None:
    hooks.remove_all()
    for occupant in occupants:
        occupant.end()


def innermost(venv: VecEnv) -> VecEnv:
    """Return the innermost `VecEnv` of Stable-Baselines3. `unwrapped` may be of another library, such as SuperSuit."""
    while isinstance(inside := getattr(venv, "venv", None), VecEnv):
        venv = inside
    return venv


def environments(venv: Any) -> tuple[Any, ...]:
    """Return the environments of *venv* by slot, or nothing if they are in other processes or not visible."""
    envs = value_or_marker(lambda: tuple(venv.envs))
    if not isinstance(envs, tuple) or len(envs) != venv.num_envs:
        return ()
    return envs if all(isinstance(env, gymnasium.Env) for env in envs) else ()
