"""What a figure says about the placement of its metric, where the rows do not have the step of the run themselves."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from envcfg.sources.series import Series

_CERTAIN: Final = ("env_config/step", "end of epoch")
"""What envcfg itself wrote at the moment of the row."""


def placement(series: Series) -> str | None:
    """What the rows of a metric are placed by, and whether this can be wrong; None if envcfg marked each row."""
    return series.doubt or (None if series.axis in _CERTAIN else _placed(series))


def placements(found: Iterable[Series]) -> Iterator[str]:
    """Yield the same for several runs, once for each axis, with the number of runs."""
    every = tuple(found)
    unmarked = [(_placed(series), series.is_checked) for series in every if placement(series) is not None]
    for (said, is_checked), count in Counter(unmarked).items():
        doubt = "" if is_checked else ", and nothing shows that these are environment steps"
        yield said + (f" in {count:,} of {len(every):,} runs" if count < len(every) else "") + doubt


def _placed(series: Series) -> str:
    return f"{series.name} is placed by {series.axis}"
