"""The gate: may these values be compared? Effects, correlations, comparisons, ablations and event studies all ask here.

Each check gives a `Caution`, or None. What a check means for an answer is the same everywhere: without the same meaning
of the metric, or with an adaptive cause that was not corrected, there is no test.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.invariance import redefining
from envcfg.core.diff import Edit
from envcfg.core.record import Cause
from envcfg.history.history import History

SEEDS: Final = 3
"""The runs that a test over runs needs."""
ENDS: Final = 0.02
"""How far the ends of two runs may be apart, as a share of the longer one."""
DECLARED: Final = "hydra.callbacks.env_config.invariant="
"""The override that declares metrics which mean the same under every config."""
_SMOOTHED: Final = re.compile(r"(?i)smooth|(^|[^a-z])ema([^a-z]|$)|running|moving|_avg|mean_?\d+")


class Caution(NamedTuple):
    """A warning: *kind* for machines, *text* for people."""

    kind: str
    text: str


def declared(history: History) -> frozenset[str]:
    """The metrics that the app declared to mean the same under every config."""
    given = [text for job in history.jobs for text in job.overrides if text.startswith(DECLARED)]
    return frozenset(name.strip() for text in given for name in text.removeprefix(DECLARED).strip("[]").split(","))


def meaning(metric: str, *, invariant: bool, histories: Sequence[History]) -> Callable[[Iterable[Edit]], Sequence[str]]:
    """A function that gives the edited keys which change the meaning of *metric*.

    There are none if the user says that it is *invariant*, or if the app of each run declared it.
    """
    if invariant or (histories and all(metric in declared(history) for history in histories)):
        return lambda _: ()
    return lambda edits: redefining(metric, edits)


def redefined(metric: str, keys: Sequence[str]) -> Caution | None:
    """The metric has another meaning on the two sides, because *keys* differ."""
    if not keys:
        return None
    named = f"{', '.join(keys[:4])} changed, so {metric} has another meaning from then on"
    return Caution("metric not invariant", f"metric not invariant: {named}")


def adaptive(causes: Iterable[Cause | None]) -> Caution | None:
    """A curriculum decided because of a metric, and its rule is not simulated."""
    if not any(cause is not None and cause.kind == "curriculum" for cause in causes):
        return None
    return Caution("adaptive trigger", "a curriculum decided because of a metric: the outcome may be the cause")


def smoothed(name: str, values: Iterable[float]) -> Caution | None:
    """The metric is smoothed: its name says so, or neighbouring differences correlate as after smoothing."""
    if not (_SMOOTHED.search(name) or _moves_smoothly(values)):
        return None
    return Caution("smoothed input", f"{name} looks smoothed, which makes intervals too narrow: use the raw metric")


def _moves_smoothly(values: Iterable[float]) -> bool:
    from envcfg.analysis.effects.arrays import np  # noqa: PLC0415  # an extra; the gate is asked without it too

    known = np.asarray([value for value in values if math.isfinite(value)])
    steps = np.diff(known)
    if len(steps) < 12 or not np.any(steps):
        return False
    centred = steps - steps.mean()
    return float(centred[1:] @ centred[:-1]) > 0.3 * float(centred @ centred)


def few_runs(count: int) -> Caution | None:
    """There are too few runs for a test over runs."""
    return (
        None
        if count >= SEEDS
        else Caution("few seeds", f"{count} run{'s' * (count != 1)}, {SEEDS} are needed for a test")
    )


def unequal_end(ends: Mapping[str, float]) -> Caution | None:
    """The runs ended at different steps; *ends* gives the last step of each run."""
    if len(ends) < 2 or max(ends.values()) - min(ends.values()) <= ENDS * max(ends.values()):
        return None
    first = min(ends, key=lambda name: ends[name])
    text = f"the runs ended at different steps, from {ends[first]:,.0f} ({first}) to {max(ends.values()):,.0f}"
    return Caution("unequal end", text)


def other_environment(keys: Sequence[str], metric: str, redefining_keys: Sequence[str]) -> Caution | None:
    """The runs had different environments when they were compared; *keys* differ between them."""
    if redefining_keys:
        named = ", ".join(redefining_keys[:4])
        return Caution("metric not invariant", f"{metric} has another meaning in different groups: {named} differ")
    if not keys:
        return None
    named = f"{', '.join(keys[:4])}{', …' if len(keys) > 4 else ''}"
    return Caution("other environment", f"the runs were in different environments when they were compared: {named}")
