"""The resolvers of OmegaConf: which may run when a config is recorded, and what the others gave to the app.

A resolver is a function of the app. It may draw a random number, or count its calls. If envcfg ran it, the training
would be another one, and the record would have a value that no environment got. So only resolvers that are known to be
pure are run. What the app gets from the others is noted when the app itself reads its config.
"""

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from envcfg.core.immutable import is_scalar
from envcfg.tracking.capture.purity import is_pure

_MOST: Final = 4096
"""The number of places of which the value is kept."""


class NotRunError(BaseException):
    """A value would take a resolver that is not known to be pure.

    It is no `Exception`, because OmegaConf replaces each of those with its own.
    """


@dataclass(slots=True)
class Reading:
    """What happened while a config was read for a record."""

    needs_app: bool = False
    """Whether it met a resolver that is not known to be pure. Its value can change without a write to the config."""


@dataclass(slots=True)
class _Noted:
    """What the app got at one place since the last record."""

    value: Any
    is_one: bool
    """Whether it got the same value each time."""
    is_new: bool = True
    """Whether no record has asked for it since."""


class _Here(threading.local):
    reading: Reading | None = None


_here = _Here()
_noted: dict[Any, _Noted] = {}
_times = 0


def times_noted() -> int:
    """How often the app ran resolvers that are not known to be pure."""
    return _times


def forget() -> None:
    """Forget what another job of this process got."""
    _noted.clear()


@contextmanager
def reading() -> Iterator[Reading]:
    """Within this block, and in this thread, a resolver that is not known to be pure raises `NotRunError`."""
    listen()
    before, _here.reading = _here.reading, _here.reading or Reading()
    try:
        yield _here.reading
    finally:
        _here.reading = before


def listen() -> None:
    """Note from now on what resolvers give to the app. A second call changes nothing."""
    from omegaconf.base import Container  # noqa: PLC0415  # whoever has a config of OmegaConf has loaded it

    evaluate = Container._evaluate_custom_resolver
    if not hasattr(evaluate, "_envcfg_is_inside"):
        listening: Any = _listening(evaluate)
        listening._envcfg_is_inside = True
        Container._evaluate_custom_resolver = listening  # type: ignore[method-assign]


def _listening(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(evaluate)
    def evaluated(self: Any, **asked: Any) -> Any:
        name, args, texts = asked["inter_type"], asked["inter_args"], asked["inter_args_str"]
        function, is_read = _function(name), _here.reading
        if function is None or is_pure(function, args):
            return evaluate(self, **(_silent(asked) if is_read else asked))
        if is_read is None:
            value = evaluate(self, **asked)
            _note(_place(asked), value)
            return value
        is_read.needs_app = True
        if texts in self._get_root()._metadata.resolver_cache.get(name, {}):
            return evaluate(self, **asked)
        return _known(_place(asked))

    return evaluated


def _function(name: str) -> Any:
    """The function that the app registered under *name*; None if OmegaConf does not know the name."""
    from omegaconf import OmegaConf  # noqa: PLC0415  # as above

    wrapper: Any = OmegaConf._get_resolver(name)
    if wrapper is None:
        return None
    inside = dict(zip(wrapper.__code__.co_freevars, wrapper.__closure__ or (), strict=False))
    return inside["resolver"].cell_contents if "resolver" in inside else wrapper


def _silent(asked: dict[str, Any]) -> dict[str, Any]:
    """`oc.deprecated` warns. The app is to see that warning when it reads the key, and not when envcfg does."""
    if asked["inter_type"] != "oc.deprecated":
        return asked
    return {
        **asked,
        "inter_type": "oc.select",
        "inter_args": asked["inter_args"][:1],
        "inter_args_str": asked["inter_args_str"][:1],
    }


def _place(asked: dict[str, Any]) -> tuple[str, ...]:
    node = asked["node"]
    return (
        str(node._get_full_key(None)),
        asked["inter_type"],
        *map(str, asked["inter_args_str"]),
        repr(asked["inter_args"]),
    )


def _note(place: tuple[str, ...], value: Any) -> None:
    global _times  # noqa: PLW0603  # one OmegaConf for each process
    _times += 1
    known = _noted.get(place)
    if known is not None and known.is_new:
        known.is_one = known.is_one and type(known.value) is type(value) and known.value == value
        return
    if len(_noted) >= _MOST:
        _noted.clear()
    is_kept = is_scalar(value) or isinstance(value, list | tuple | dict)
    _noted[place] = _Noted(copy.deepcopy(value) if is_kept else None, is_kept)


def _known(place: tuple[str, ...]) -> Any:
    """The value that the app got at *place*. Raises `NotRunError` if it got none, or several since the last record."""
    known = _noted.get(place)
    if known is not None:
        known.is_new = False
    if known is None or not known.is_one:
        raise NotRunError(place[1])
    return known.value
