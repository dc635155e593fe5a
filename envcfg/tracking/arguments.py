"""Checks the arguments of recording calls, so that a wrong argument raises an error and damages no record."""

from collections.abc import Callable, Iterable
from operator import index
from typing import Final, NamedTuple, SupportsIndex

from envcfg.core.code import Code
from envcfg.core.errors import ConfigError
from envcfg.core.record import CAUSE_KINDS, ROLES, STATUSES, Cause, Request, Role, Status
from envcfg.core.text import writable

LARGE: Final = (1 << 63) - 1
SMALL: Final = (1 << 31) - 1
"""The largest epoch, episode and slot, since a history stores them with 32 bits."""


class When(NamedTuple):
    """When an adoption happened, when it was decided, and why."""

    step: int
    epoch: int | None
    episode: int | None = None
    requested_at: int | None = None
    cause: Cause | None = None

    def explained(self, request: Request) -> "When":
        """A copy in which *request* fills in the missing step of the decision and the missing cause."""
        asked = request.step if self.requested_at is None else self.requested_at
        return self._replace(requested_at=asked, cause=self.cause or request.cause)


def count(name: str, value: SupportsIndex | float, most: int = LARGE) -> int:
    """A whole number from 0 to *most*, of any integer type, also of numpy or torch; raises `ConfigError` otherwise."""
    if type(value) is int and 0 <= value <= most:
        return value
    try:
        number = int(value) if isinstance(value, float) and value.is_integer() else index(value)  # type: ignore[arg-type]
    except TypeError:
        number = -1
    if isinstance(value, bool) or not 0 <= number <= most:
        raise ConfigError(f"{name}={value!r}: expected a whole number from 0 to {most:,}")
    return number


def optional_count(name: str, value: SupportsIndex | float | None, most: int = LARGE) -> int | None:
    """`count`, except that None stays None."""
    return None if value is None else count(name, value, most)


def slots(value: SupportsIndex | float | Iterable[SupportsIndex | float] | None) -> tuple[int, ...] | None:
    """One or several slots as a tuple, or None for every slot; raises `ConfigError` otherwise."""
    if value is None:
        return None
    several = value if isinstance(value, Iterable) else (value,)
    return tuple(dict.fromkeys(count("slot", slot, SMALL) for slot in several))


def text(value: object) -> str:
    """*value* as text that can be written to any file."""
    return writable(str(value))


def optional_text(value: object, to_text: Callable[[object], str] = text) -> str | None:
    """The text of *value*, except that None stays None."""
    return None if value is None else to_text(value)


def checked_cause(cause: Cause | None, to_text: Callable[[object], str] = text) -> Cause | None:
    """*cause* with plain numbers and converted texts; raises `ConfigError` for an unknown kind."""
    if cause is None:
        return None
    if cause.kind not in CAUSE_KINDS:
        raise ConfigError(f"cause {cause.kind!r}: expected one of {', '.join(CAUSE_KINDS)}; use note= for free text")
    return Cause(
        cause.kind,
        optional_text(cause.metric, to_text),
        _number(cause.value),
        _number(cause.threshold),
        optional_text(cause.note, to_text),
        None if cause.delay is None else count("delay", cause.delay),
        _number(cause.propensity),
    )


def version(value: int | str | None) -> int | str | None:
    """*value* itself; raises `ConfigError` unless it is an int, a str or None, which are safe to compare."""
    if value is not None and type(value) not in (int, str):
        raise ConfigError(f"version={value!r}: expected an int or a str that changes whenever the config changes")
    return value


def role(value: Role) -> Role:
    """*value* itself; raises `ConfigError` for an unknown role."""
    if value not in ROLES:
        raise ConfigError(f"role {value!r}: expected one of {', '.join(ROLES)}", code=Code.ARGUMENT)
    return value


def status(value: Status) -> Status:
    """*value* itself; raises `ConfigError` for an unknown status."""
    if value not in STATUSES:
        raise ConfigError(f"status {value!r}: expected one of {', '.join(STATUSES)}")
    return value


def status_of(error: BaseException | None) -> Status:
    """The status for a `with` block that ended with *error*, or without one."""
    if error is None:
        return "completed"
    return "failed" if isinstance(error, Exception) else "interrupted"


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
