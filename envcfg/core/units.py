"""The numbers in a journal entry that have limits."""

from typing import Annotated, Final, TypeAlias

from msgspec import Meta

LATEST: Final = 253_402_300_799
"""The end of the year 9999, in seconds since the Unix epoch."""
LATEST_WRITTEN: Final = LATEST * 9 // 10
"""The latest time that is written. In a sealed segment, the times after the first one need the rest."""
Whole: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number of 64 bits; a reader refuses larger ones."""
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=LATEST)]
"""Seconds since the Unix epoch, up to `LATEST`; a reader refuses later times."""
