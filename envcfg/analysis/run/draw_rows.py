"""The table of the drawn parameters of a run: what was drawn, what was stated, and whether they agree."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from envcfg.analysis.formatting import count_text
from envcfg.analysis.run.draw_fit import DOUBTFUL, Fit, fit, stated_text
from envcfg.core.distribution import Distribution
from envcfg.core.path import matches
from envcfg.core.selection import nearest, warn_or_raise
from envcfg.history.history import History
from envcfg.history.queries.draws import DrawnParameter


class DrawRow(NamedTuple):
    """One parameter of a randomised environment."""

    parameter: DrawnParameter
    drawn: Distribution
    stated: str
    """The latest statement."""
    fit: Fit | None


def draw_rows(history: History, params: Sequence[str] | None = None) -> list[DrawRow]:
    """A row for each drawn or stated parameter; *params* are dotted keys or globs.

    Raises `SourceError` if *params* match nothing.
    """
    every = history.drawn_parameters
    unknown = [glob for glob in params or () if not any(matches(each.path, glob) for each in every.values())]
    said = [f"{glob} was not drawn in run {history.run}{_hint(glob, every)}" for glob in unknown]
    warn_or_raise(said, is_anything_left=len(unknown) < len(params or ()))
    return [
        DrawRow(parameter, parameter.pooled, stated_text(parameter.stated_at(float("inf"))), fit(parameter))
        for parameter in every.values()
        if params is None or any(matches(parameter.path, glob) for glob in params)
    ]


def draws_sentence(history: History) -> str | None:
    """One sentence about the drawn parameters; None if there are none."""
    names = [parameter.name for parameter in history.drawn_parameters.values() if parameter.parts]
    if not names:
        return None
    resets = sum(entry.resets for entry in history.drawn)
    listed = ", ".join(names[:6]) + (f" and {len(names) - 6:,} more" if len(names) > 6 else "")
    return f"{listed}: drawn anew at {count_text(resets, 'reset')}"


def verdict(found: Fit | None) -> str:
    """Whether the draws agree with the statement: `as stated, p = 0.4`."""
    if found is None:
        return ""
    if found.p is None:
        return "needs scipy"
    return f"{'as stated' if found.p >= DOUBTFUL else 'not as stated'}, p = {found.p:.2g}"


def _hint(name: str, every: Mapping[str, DrawnParameter]) -> str:
    close = nearest(name, every)
    return f"; the nearest: {', '.join(close)}" if close else ""
