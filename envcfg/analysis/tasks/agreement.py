"""Whether the tasks that slots adopted are those that the curriculum stated it would give them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from envcfg.core.record import Mix

DOUBTFUL: Final = 0.01
"""A p below which draws are called doubtful; a run has one such test."""
FEWEST: Final = 5.0
"""Expected adoptions below which tasks are taken together: the chi-squared law is an approximation for many."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pearson's chi-squared test (1900) of adopted tasks against stated probabilities.

    It takes each adoption for a draw of its own; where statements change, their sum is tested, which finds less than
    it might. A curriculum that gives one draw to many slots, or works off a list in order, is no worse for a small p:
    look at `distance` then.
    """

    adoptions: int
    """Those that came after the first stated probabilities."""
    stated: Mapping[str, float]
    """The share of each task that was stated, weighted by the adoptions that each statement was in force for."""
    realised: Mapping[str, float]
    """The share of each task that was adopted."""
    distance: float
    """Total variation between the two: the share of adoptions that would have to be others, from 0 to 1."""
    chi2: float
    freedom: int
    """Degrees of freedom; 0 where a test is not possible."""
    p: float | None
    """The probability of a chi2 as large if the statements hold; None without freedom, or without scipy."""


def agreement(mixes: Sequence[Mix]) -> Agreement | None:
    """The test over all mixes; None where nothing was adopted after a statement.

    What a mix states holds from then on: it is compared with what later mixes count, until the next statement.
    """
    realised, expected = _counts(mixes)
    total = realised.total()
    if not total:
        return None
    tasks = sorted(realised.keys() | expected.keys())
    groups = _grouped([(realised[task], expected.get(task, 0.0)) for task in tasks])
    chi2 = sum((seen - awaited) ** 2 / awaited if awaited else float("inf") for seen, awaited in groups)
    freedom = max(0, len(groups) - 1)
    return Agreement(
        adoptions=total,
        stated={task: expected.get(task, 0.0) / total for task in tasks},
        realised={task: realised[task] / total for task in tasks},
        distance=sum(abs(realised[task] - expected.get(task, 0.0)) for task in tasks) / (2 * total),
        chi2=chi2,
        freedom=freedom,
        p=_tail(chi2, freedom),
    )


def _counts(mixes: Iterable[Mix]) -> tuple[Counter[str], Mapping[str, float]]:
    """Adoptions of each task under stated probabilities, and how many those probabilities promise."""
    realised, expected = Counter[str](), dict[str, float]()
    stated: Mapping[str, float] | None = None
    for mix in mixes:
        weight = sum(stated.values()) if stated else 0.0
        if stated and weight > 0:
            realised.update(mix.adopted)
            draws = sum(mix.adopted.values())
            for task, probability in stated.items():
                expected[task] = expected.get(task, 0.0) + draws * probability / weight
        stated = stated if mix.stated is None else mix.stated
    return realised, expected


def _grouped(pairs: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    """Rare tasks as one group; one that was promised never and adopted all the same stays by itself."""
    groups, seen, awaited = [], 0, 0.0
    for pair in pairs:
        if pair[1] >= FEWEST or (pair[0] and not pair[1]):
            groups.append(pair)
        else:
            seen, awaited = seen + pair[0], awaited + pair[1]
    return [*groups, (seen, awaited)] if awaited else groups


def _tail(chi2: float, freedom: int) -> float | None:
    if not freedom:
        return None
    try:
        from scipy.special import chdtrc  # noqa: PLC0415  # an extra
    except ImportError:
        return None
    return float(chdtrc(freedom, chi2))


def agreement_text(agreed: Agreement) -> str:
    """Whether what was adopted agrees with what was stated, in a sentence."""
    said = (
        f"What was adopted differs from what the curriculum stated by {agreed.distance:.1%} "
        f"of {agreed.adoptions:,} adoptions"
    )
    if agreed.p is None:
        return f"{said}."
    verdict = "as draws do" if agreed.p >= DOUBTFUL else "which draws would hardly do"
    law = f"chi-squared {agreed.chi2:.4g} on {agreed.freedom} degrees of freedom, p = {agreed.p:.2g}"
    return f"{said}, {verdict} ({law})."
