"""Environments with thousands of slots whose parameters are rows of tensors, as in rsl-rl, legged_gym and Isaac Lab."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from envcfg.adapters.method_hooks import MethodHooks
from envcfg.adapters.occupants import tell_if_closed
from envcfg.adapters.tensor_rows import TensorRows
from envcfg.core.record import Role
from envcfg.core.tree import Config
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder


def recorded_tensors(
    env: Any,
    recorder: Recorder | None = None,
    *,
    attributes: Iterable[str],
    task: str | Callable[[Config], str] | None = None,
    iteration: int | None = None,
    draws: bool | None = None,
    watch_steps: int | None = None,
    role: Role = "train",
) -> Any:
    """Record *env* at each later call of `reset` and `step`, for the slots that were reset in it. Returns *env*.

    *env* is an environment with a `num_envs` and a row for each slot: of rsl-rl, legged_gym or Isaac Lab, one that
    Gymnasium makes from a `vector_entry_point`, an EnvPool, or a `VecEnv` of your own.

    *recorder* is by default the tracker of this process. *attributes* are dotted names, read from the unwrapped
    environment. In a tensor with one row for each slot, each slot has its own row; any other value holds for all slots.
    *iteration* is the number of `step` calls in an epoch (`num_steps_per_env` of rsl-rl). If the rewards that `step`
    returns have one value for each slot, the return and the length of each episode are kept. With *watch_steps*, the
    parameters are also read after so many steps, and those that changed within an episode are recorded.

    *draws* is as for `Tracker.record_slots`. With the *role* `eval`, the slots are recorded apart, and are in no
    summary of the training. Their steps, epochs and returns do not count.

    Example: `env = recorded_tensors(env, attributes=["friction"], iteration=24)`
    """
    used = tracker() if recorder is None else recorder
    guard = partial(used.guard, "tensor_env")
    tell_if_closed(used)
    with guard():
        names = tuple(attributes)
        rows = TensorRows(env, used, names, task, iteration, draws=draws, watch=watch_steps, role=role)
        step = "step_wait" if hasattr(env, "step_wait") and hasattr(env, "step_async") else "step"
        step = "recv" if hasattr(env, "recv") and hasattr(env, "send") else step  # EnvPool
        hooks = MethodHooks(guard, rows, lambda: used.is_closed)
        for name, both in _hooks(step, rows).items():
            if name == step or hasattr(env, name):
                hooks.add(env, name, **both)
        rows.when_closed = hooks.remove_all
    return env


def _hooks(step: str, rows: TensorRows) -> dict[str, dict[str, Callable[..., None]]]:
    """The hooks of each method. *step* is the one that returns the results of each step: `step` itself may call it."""
    return {
        step: {"before": rows.begin, "after": rows.step},
        "reset": {"after": rows.reset},
        "async_reset": {"after": rows.reset},
        "close": {"before": rows.close},
    }
