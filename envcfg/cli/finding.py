"""One check of `envcfg doctor`, and its result."""

from enum import StrEnum
from typing import NamedTuple

from envcfg.core.code import Code


class State(StrEnum):
    """The result of a check."""

    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


class Finding(NamedTuple):
    """One check and its result."""

    what: str
    state: State
    said: str
    todo: str = ""
    """What to type or to do. Empty if there is nothing to do."""
    code: Code | None = None
    """The code of a failure or a loss; None for all other findings."""
