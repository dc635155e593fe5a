"""Old public names: using one raises an error with the new name. No old name keeps working."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final, ParamSpec, TypeVar

from envcfg.core.errors import EnvcfgError

P = ParamSpec("P")
R = TypeVar("R")

ATTRIBUTES: Final[Mapping[str, str]] = {
    "envcfg.joined": "envcfg.join",
    "envcfg.adapters.EnvConfigCallback": "envcfg.adapters.SB3Callback",
    "envcfg.adapters.EnvConfigHandler": "envcfg.adapters.MettagridHandler",
    "envcfg.adapters.EnvConfigHook": "envcfg.adapters.TorchRLHook",
    "envcfg.adapters.callbacks": "envcfg.adapters.rllib_callbacks",
    "envcfg.adapters.register": "envcfg.adapters.register_hydra_schema",
    "envcfg.adapters.stated": "envcfg.adapters.syllabus_probabilities",
    "envcfg.figures.effects": "envcfg.figures.effect_intervals",
    "envcfg.tables.effects": "envcfg.tables.effect_estimates",
    "tracker.reach": "tracker.set_step",
    "tracker.advance": "tracker.end_epoch",
    "history.transactions": "history.changes",
    "history.effects": "envcfg.effects(history)",
    "cards.said": "cards.summary",
}
CALLS: Final[Mapping[str, str]] = {"history.changes(transaction)": "history.edits(change)"}
ARGUMENTS: Final[Mapping[str, str]] = {"replay(edit=)": "replay(intervention=)"}
OPTIONS: Final[Mapping[tuple[str, str], str]] = {("--by", "way"): "--by schedule"}


def sentence(old: str, new: str) -> str:
    """The message for the use of an old name."""
    return f"{old} is now {new}"


def attribute_error(owner: str, name: str, known: Sequence[str] = ()) -> AttributeError:
    """The error for a missing attribute *name* of *owner*; it has the new name, or the names that exist."""
    old = f"{owner}.{name}"
    if old in ATTRIBUTES:
        return AttributeError(sentence(old, ATTRIBUTES[old]), name=name)
    names = f"; its names are {', '.join(known)}" if known else ""
    return AttributeError(f"{owner} has no attribute {name!r}{names}", name=name)


class Renamed:
    """The base of a class with renamed attributes. `_called` is the usual name of a variable of this class."""

    _called: ClassVar[str]

    if not TYPE_CHECKING:  # so that a type checker still reports names that do not exist

        def __getattr__(self, name: str) -> Any:
            if f"{self._called}.{name}" in ATTRIBUTES:
                raise attribute_error(self._called, name)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)


def refuse_call(old: str) -> TypeError:
    """The error for a call that was replaced."""
    return TypeError(sentence(old, CALLS[old]))


def renamed_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """*function* with a check: an old argument name raises an error with the new name."""

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            old = f"{function.__name__}({name}=)"
            if old in ARGUMENTS:
                raise TypeError(sentence(old, ARGUMENTS[old]))
        return function(*args, **kwargs)

    return checked


def check_options(arguments: Sequence[str]) -> None:
    """Raise `EnvcfgError` if a command line has an old value of an option."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    for option, value in pairwise(words):
        if (option, value) in OPTIONS:
            raise EnvcfgError(sentence(f"{option} {value}", OPTIONS[option, value]))
