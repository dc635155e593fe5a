"""What a recording call was given, checked: a wrong argument is a sentence, not a damaged record."""

from collections.abc import Callable, Iterable
from operator import index
from typing import Final, NamedTuple, SupportsIndex

from envcfg.core.errors import ConfigError
from envcfg.core.record import CAUSE_KINDS, STATUSES, Cause, Request, Status
from envcfg.core.text import writable

LARGE: Final = (1 << 63) - 1
SMALL: Final = (1 << 31) - 1
"""The largest epoch, episode and slot: a history keeps them in columns of 32 bits."""


class When(NamedTuple):
    """What else is known of an adoption: when it happened, when it was decided, and why."""

    step: int
    epoch: int | None
    episode: int | None = None
    requested_at: int | None = None
    cause: Cause | None = None

    def explained(self, request: Request) -> "When":
        """The same, with what *request* says where nobody said it."""
        asked = request.step if self.requested_at is None else self.requested_at
        return self._replace(requested_at=asked, cause=self.cause or request.cause)


def count(name: str, value: SupportsIndex | float, most: int = LARGE) -> int:
    """A whole number from 0 to *most* of any integer type, numpy's and torch's too; else raises `ConfigError`."""
    if type(value) is int and 0 <= value <= most:
        return value
    try:
        number = int(value) if isinstance(value, float) and value.is_integer() else index(value)  # type: ignore[arg-type]
    except TypeError:
        number = -1
    if isinstance(value, bool) or not 0 <= number <= most:
        raise ConfigError(f"{name}={value!r}: expected a whole number from 0 to {most:,}")
    return number


def maybe(name: str, value: SupportsIndex | float | None, most: int = LARGE) -> int | None:
    """`count`, where None stays None."""
    return None if value is None else count(name, value, most)


def slots(value: SupportsIndex | float | Iterable[SupportsIndex | float] | None) -> tuple[int, ...] | None:
    """One slot, several, or None for every one; else raises `ConfigError`."""
    if value is None:
        return None
    several = value if isinstance(value, Iterable) else (value,)
    return tuple(dict.fromkeys(count("slot", slot, SMALL) for slot in several))


def text(value: object) -> str:
    """*value* as text that every file can hold."""
    return writable(str(value))


def maybe_text(value: object, said: Callable[[object], str] = text) -> str | None:
    """*value* as *said*, where None stays None."""
    return None if value is None else said(value)


def checked(cause: Cause | None, said: Callable[[object], str] = text) -> Cause | None:
    """*cause* with plain numbers, and texts as *said*; raises `ConfigError` for a kind that there is not."""
    if cause is None:
        return None
    if cause.kind not in CAUSE_KINDS:
        raise ConfigError(f"cause {cause.kind!r} is not one of {', '.join(CAUSE_KINDS)}; put free text into note=")
    return Cause(
        cause.kind,
        maybe_text(cause.metric, said),
        _number(cause.value),
        _number(cause.threshold),
        maybe_text(cause.note, said),
        None if cause.delay is None else count("delay", cause.delay),
        _number(cause.propensity),
    )


def version(value: int | str | None) -> int | str | None:
    """*value* itself; raises `ConfigError` for anything whose equality might say something else than a number's."""
    if value is not None and type(value) not in (int, str):
        raise ConfigError(f"version={value!r}: expected an int or a str that changes whenever the config does")
    return value


def status(value: Status) -> Status:
    """*value* itself; raises `ConfigError` for a status that there is not."""
    if value not in STATUSES:
        raise ConfigError(f"status {value!r} is not one of {', '.join(STATUSES)}")
    return value


def status_of(error: BaseException | None) -> Status:
    """How a `with` block ended."""
    if error is None:
        return "completed"
    return "failed" if isinstance(error, Exception) else "interrupted"


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
