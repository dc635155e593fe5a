"""The measurements for the answer about a run: a metric, and the result of a test for each change."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series

if TYPE_CHECKING:
    from envcfg.analysis.effects.effect import Effect

FOUND: Final = 0.05
"""A jump is clear if its q is below this."""
_UNTESTED: Final = ("few points", "slope", "adaptive trigger")
"""The kinds of cautions that say why an effect has no test."""
NO_TESTS: Final[Mapping[int, "Verdict"]] = MappingProxyType({})


class Verdict(NamedTuple):
    """The result of the test of a group of changes."""

    first: int
    last: int
    """The numbers of the first and the last change of the group."""
    text: str
    """A sentence without its full stop."""


class Measurements(NamedTuple):
    """The metric of a run, and a verdict for each change by its number."""

    series: Series | None
    verdicts: Mapping[int, Verdict] = NO_TESTS
    missing: str = ""
    """Why there is no metric, or no verdict."""


def measurements(history: History, metric_name: MetricChoice = None) -> Measurements:
    """Read the metric of a run, by default its reward, and test its changes if numpy and scipy are there."""
    try:
        series = metric_of(history, metric_name)
    except SourceError as error:
        if metric_name is not None:
            raise
        return Measurements(None, missing=str(error))
    try:
        from envcfg.analysis.effects.effect import effects  # noqa: PLC0415  # numpy and scipy, an extra

        found = effects(history, series)
    except (MissingExtraError, SourceError) as error:
        return Measurements(series, missing=str(error))
    verdicts = (Verdict(effect.numbers[0], effect.numbers[-1], _verdict(effect)) for effect in found)
    by_number = {number: said for said in verdicts for number in range(said.first, said.last + 1)}
    return Measurements(series, MappingProxyType(by_number))


def _verdict(effect: "Effect") -> str:
    from envcfg.analysis.effects.formatting import number, p_text  # noqa: PLC0415  # numpy and scipy, an extra

    if effect.refusal is not None:
        return f"This could not be tested: {effect.refusal}"
    found = effect.estimate
    if found is None or effect.q is None:
        why = next((caution.text for caution in effect.cautions if caution.kind in _UNTESTED), "")
        return "This was not tested" + (f": {why}" if why else "")
    interval = "" if found.low is None or found.high is None else f" [{number(found.low)}, {number(found.high)}]"
    jump = f"{number(found.value)}{interval}, q {p_text(effect.q)}"
    if effect.q >= FOUND:
        return f"The test removes the trend and finds no clear jump: {jump}"
    return f"The test removes the trend and finds a jump of {jump}; an association does not prove a cause"
