"""Arrays with one row for each slot, and the slots that were reset."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from envcfg.core.errors import ConfigError
from envcfg.core.tree import Config

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]
    Arrays: TypeAlias = Mapping[tuple[str, ...], Array]
else:
    Arrays = Mapping


def as_arrays(leaves: Mapping[tuple[str, ...], Any], np: Any) -> Arrays:
    """The same arrays in the form of numpy. Raises `ConfigError` unless all have the same number of slots."""
    found = {place: np.asarray(on_host(value), order="C") for place, value in leaves.items()}
    if not found:
        raise ConfigError("record_slots: columns contains no array; pass at least one")
    slots = next(iter(found.values())).shape[:1] or None
    for place, array in found.items():
        if not array.size or array.shape[:1] != slots or array.dtype.hasobject:
            raise ConfigError(
                f"{'.'.join(place)} is an array of shape {array.shape} and type {array.dtype}: expected an array of "
                "numbers or texts, with one entry or row for each slot"
            )
    return found


def on_host(value: Any) -> Any:
    """*value* in a form that numpy accepts: tensors of torch are copied to the CPU."""
    if not callable(getattr(value, "detach", None)):
        return value
    copied = value.detach().cpu()
    return copied.float() if str(copied.dtype) == "torch.bfloat16" else copied  # numpy has no such floats


def rows_of(value: Any, slots: "Array", np: Any) -> "Array":
    """The rows of *slots* in an array of any library, in the memory of the host."""
    if isinstance(value, np.ndarray):
        rows: Array = value[slots]
    elif callable(getattr(value, "detach", None)):
        rows = np.asarray(on_host(value[slots]))
    else:
        rows = np.asarray(value)[slots]
    return rows


def reset_mask(resets: Any, slots: int, np: Any) -> "Array":
    """Which slots adopt their row now, from a mask or from slot numbers."""
    mask: Array = np.full(slots, resets is None)
    if resets is not None:
        mask[reset_rows(resets, slots, np)] = True
    return mask


def reset_rows(resets: Any, slots: int, np: Any) -> "Array":
    """The numbers of the slots that adopt their row now, from a mask or from slot numbers."""
    given: Array = np.asarray(on_host(resets))
    if given.dtype == bool:
        fits = given.shape == (slots,)
    else:
        fits = not given.size or (given.dtype.kind in "iu" and 0 <= given.min() <= given.max() < slots)
    if given.ndim > 1:
        raise ConfigError(
            f"resets has the shape {given.shape}: expected a mask of {slots} slots. Record each step of a scan by "
            "itself, with x[t] of each array and its own step=; and each seed of a vmap with a tracker of its own"
        )
    if not fits:
        raise ConfigError(f"resets={resets!r}: expected a mask of {slots} slots, or slot numbers from 0 to {slots - 1}")
    return np.flatnonzero(given) if given.dtype == bool else given.astype(int).reshape(-1)


def with_value(config: Config, place: Sequence[str], value: Any) -> Config:
    """A copy of *config* with *value* at *place*. The copy shares everything else."""
    name, *rest = place
    inner = config.get(name)
    return {**config, name: with_value(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}
