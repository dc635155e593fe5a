"""What the methods of a vector environment say: which slots ended or were reset, and their rewards."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

_FIVE: Final = 5
_CHOSEN: Final = ("reset_mask", "env_idx", "env_ids", "env_id")
"""Names by which programs say which slots a `reset` concerns: Gymnasium, ManiSkill, Isaac Lab, EnvPool."""


class Taken(NamedTuple):
    """One step of all slots, or of some."""

    rewards: Any
    ended: Any
    """A mask of the slots whose episode ended."""
    slots: Any
    """The numbers of the slots in the rows of this step; None if there is a row for each slot."""


def taken(said: Any, slots: int) -> Taken:
    """Read what a step of *slots* slots returned.

    With five values in the form of Gymnasium, an episode ended where it was terminated or truncated. Otherwise rewards
    and dones stand before the last value, as in legged_gym, rsl-rl and Stable-Baselines3.
    """
    if len(said) == _FIVE and _has_rows(said[1]) and _has_rows(said[3], len(said[1])):
        numbers = said[4].get("env_id") if isinstance(said[4], Mapping) else None
        are_some = numbers is not None and len(numbers) != slots
        return Taken(said[1], (said[2] != 0) | (said[3] != 0), numbers if are_some else None)
    return Taken(said[-3] if len(said) > 2 else None, said[-2] != 0, None)


def chosen(args: tuple[Any, ...], given: Mapping[str, Any]) -> Any:
    """The slots that a call of `reset` concerns, as a mask or as numbers; None for all slots."""
    options = given.get("options")
    named = {**given, **(options if isinstance(options, Mapping) else {})}
    found = [named[name] for name in _CHOSEN if named.get(name) is not None]
    return next((one for one in (*found, *args) if hasattr(one, "__len__")), None)


def later(waiting: Any, one: Taken, slots: int) -> tuple[Any, Any]:
    """The slots that are reset at their next step after an episode: those reset in this step, and those that wait now.

    *waiting* is the mask of those that waited before, or None.
    """
    if one.slots is None:
        return waiting, one.ended
    import numpy as np  # noqa: PLC0415  # EnvPool returns its arrays

    present, ended = np.zeros(slots, bool), np.zeros(slots, bool)
    present[one.slots], ended[one.slots] = True, one.ended
    before = np.zeros(slots, bool) if waiting is None else waiting
    return before & present, (before & ~present) | ended


def numbers_of(resets: Any, slots: int) -> Sequence[int]:
    """The slots of a mask or of numbers, as numbers; None means all."""
    if resets is None:
        return range(slots)
    listed = resets.tolist() if hasattr(resets, "tolist") else list(resets)
    is_mask = bool(listed) and isinstance(listed[0], bool)
    return [slot for slot, is_reset in enumerate(listed) if is_reset] if is_mask else listed


def _has_rows(value: Any, rows: int | None = None) -> bool:
    shape = tuple(getattr(value, "shape", ()))
    return len(shape) == 1 and rows in (None, shape[0])
