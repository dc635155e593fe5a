"""Brings the rows of reset slots from the memory of a GPU to the host: only these rows, in one transfer for a call."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

from envcfg.tracking.capture.slot_arrays import reset_rows

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

K = TypeVar("K")

_LEAST: Final = 16
"""A compiled selection has room for one in so many slots, since its size is fixed. If more were reset, for all."""


class Fetched(NamedTuple):
    """Slots, and the rows of each array for them, in the order of the slots."""

    slots: "Array"
    rows: "Sequence[Array]"


class HostColumns:
    """The columns of a program as arrays of the host. Those on a device are copied where a slot was reset."""

    def __init__(self) -> None:
        self._copies: dict[Any, Array] = {}

    def __call__(self, leaves: Mapping[K, Any], resets: Any) -> tuple[Mapping[K, Any], Any]:
        """The same columns and resets on the host. The rows of other slots may be old ones."""
        distant = {place: leaf for place, leaf in leaves.items() if is_distant(leaf)}
        sizes = {tuple(leaf.shape)[:1] for leaf in distant.values()}
        if len(sizes) != 1 or () in sizes:
            return leaves, resets  # there are none, or the shapes are wrong: `as_arrays` says so
        ((of,),) = sizes
        import numpy as np  # noqa: PLC0415  # only where there are arrays

        found = fetched([*distant.values()], resets, np)
        copies = {
            place: self._copied(place, of, rows, found.slots, np)
            for place, rows in zip(distant, found.rows, strict=True)
        }
        return {place: copies.get(place, leaf) for place, leaf in leaves.items()}, (
            None if resets is None else found.slots
        )

    def _copied(self, place: Any, of: int, rows: "Array", slots: "Array", np: Any) -> "Array":
        shape = (of, *rows.shape[1:])
        copy = self._copies.get(place)
        if copy is None or copy.shape != shape or copy.dtype != rows.dtype:
            copy = self._copies[place] = np.zeros(shape, rows.dtype)
        copy[slots] = rows
        return copy


def is_distant(value: Any) -> bool:
    """Whether *value* is an array of torch or JAX that is not in the memory of the host."""
    if type(value).__module__ == "numpy":
        return False
    if callable(getattr(value, "detach", None)):
        return str(value.device.type) != "cpu"
    devices = getattr(value, "devices", None)
    return callable(devices) and any(getattr(device, "platform", "cpu") != "cpu" for device in devices())


def fetched(arrays: Sequence[Any], resets: Any, np: Any) -> Fetched:
    """The rows of the reset slots in *arrays* of one device. Raises `ConfigError` for resets that do not fit."""
    if callable(getattr(arrays[0], "detach", None)):
        return _from_torch(arrays, resets, np)
    return _from_jax(arrays, resets, np)


def _from_torch(arrays: Sequence[Any], resets: Any, np: Any) -> Fetched:
    torch = sys.modules["torch"]
    of, device = len(arrays[0]), arrays[0].device
    if not callable(getattr(resets, "detach", None)):  # it is on the host, and can be checked there
        resets = torch.as_tensor(np.arange(of) if resets is None else reset_rows(resets, of, np))
    given = resets.to(device)
    if given.dtype == torch.bool and tuple(given.shape) != (of,):
        reset_rows(resets, of, np)
    numbers = (given.nonzero() if given.dtype == torch.bool else given.long()).reshape(-1)
    slots = numbers.clamp(0, of - 1)  # a number out of range would end the program on the device
    parts = [numbers, *(_plain(array.detach()[slots]) for array in arrays)]
    forms = [(torch.empty(0, dtype=part.dtype).numpy().dtype, tuple(part.shape[1:])) for part in parts]
    if not len(numbers):
        return _cut(np.zeros((0, 0), np.uint8), forms, np)
    packed = torch.cat([part.reshape(len(numbers), -1).contiguous().view(torch.uint8) for part in parts], dim=1)
    found = _cut(packed.cpu().numpy(), forms, np)
    return found._replace(slots=reset_rows(found.slots, of, np))


def _plain(tensor: Any) -> Any:
    return tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor  # numpy has no such floats


def _from_jax(arrays: Sequence[Any], resets: Any, np: Any) -> Fetched:
    of = len(arrays[0])
    forms = [(np.dtype(np.int32), (2,)), *((np.dtype(array.dtype), tuple(array.shape[1:])) for array in arrays)]
    if is_mask_of_jax(resets, of):
        for size in (max(1, of // _LEAST), of):
            found = _cut(np.asarray(_compiled()(tuple(arrays), resets, size)), forms, np)
            count = int(found.slots[0, 1])
            if count <= size:
                break
    else:
        slots = np.arange(of) if resets is None else reset_rows(resets, of, np)
        count = len(slots)
        padded = np.resize(slots if count else [0], 1 << max(0, count - 1).bit_length())  # each size is compiled
        found = _cut(np.asarray(_compiled()(tuple(arrays), padded, 0)), forms, np)
    return Fetched(found.slots[:count, 0].astype(np.int64), [rows[:count] for rows in found.rows])


def is_mask_of_jax(resets: Any, of: int) -> bool:
    """Whether *resets* is a mask of so many slots, as an array of JAX."""
    return callable(getattr(resets, "devices", None)) and resets.dtype == bool and tuple(resets.shape) == (of,)


@cache
def _compiled() -> Callable[..., Any]:
    return sys.modules["jax"].jit(_packed, static_argnums=2)  # type: ignore[no-any-return]


def _packed(arrays: Sequence[Any], resets: Any, size: int) -> Any:
    """The numbers of the reset slots, how many there are, and their rows, as bytes."""
    jnp = sys.modules["jax"].numpy
    is_mask = resets.dtype == bool
    numbers = jnp.nonzero(resets, size=size, fill_value=0)[0] if is_mask else jnp.asarray(resets)
    count = resets.sum() if is_mask else len(resets)
    head = jnp.stack([numbers, jnp.full(numbers.shape, count)], axis=1).astype(jnp.int32)
    return jnp.concatenate([_bytes(part) for part in (head, *(array[numbers] for array in arrays))], axis=1)


def _bytes(array: Any) -> Any:
    jax = sys.modules["jax"]
    flat = array.reshape(len(array), -1)
    as_bytes = flat.astype("uint8") if flat.dtype == bool else jax.lax.bitcast_convert_type(flat, "uint8")
    return as_bytes.reshape(len(array), -1)


def _cut(packed: "Array", forms: Sequence[tuple[Any, tuple[int, ...]]], np: Any) -> Fetched:
    """The arrays of which *packed* has the bytes, row by row. *forms* has the type and the shape of a row of each."""
    at, found = 0, []
    for dtype, shape in forms:
        width = dtype.itemsize * prod(shape)
        part = np.ascontiguousarray(packed[:, at : at + width])
        found.append(part.view(dtype).reshape(len(packed), *shape) if len(packed) else np.zeros((0, *shape), dtype))
        at += width
    return Fetched(found[0], found[1:])
