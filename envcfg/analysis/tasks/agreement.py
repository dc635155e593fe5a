"""Whether slots adopted the tasks as often as the curriculum stated."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from envcfg.core.record import Mix

DOUBTFUL: Final = 0.01
"""Below this p, the text says that random draws are unlikely. A run has one such test."""
FEWEST: Final = 5.0
"""Tasks with fewer expected adoptions are tested together: the chi-squared distribution needs large numbers."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pearson's chi-squared test (1900) of adopted tasks against stated probabilities.

    It assumes that each adoption is an independent draw. If the stated probabilities change, it tests their sum, which
    finds fewer differences. A curriculum may also give one draw to many slots, or use a list in order. Then a small p
    is normal: look at `distance` instead.
    """

    adoptions: int
    """The adoptions after the first stated probabilities."""
    stated: Mapping[str, float]
    """The stated share of each task, weighted by the adoptions under each statement."""
    realised: Mapping[str, float]
    """The share of each task among the adoptions."""
    distance: float
    """The total variation between the two, from 0 to 1: the share of adoptions that disagree."""
    chi2: float
    freedom: int
    """Degrees of freedom; 0 if a test is not possible."""
    p: float | None
    """The probability of a chi2 at least as large, if the statements are true; None without freedom or scipy."""


def agreement(mixes: Sequence[Mix]) -> Agreement | None:
    """The test over all mixes; None if nothing was adopted after a statement.

    A statement is compared with the adoptions that later mixes count, until the next statement.
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
    """The adoptions of each task after the first statement, and the expected number of them."""
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
    """Put rare tasks into one group. A task that was adopted although its stated probability is 0 stays alone."""
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
    """One sentence: how far the adopted tasks differ from the stated probabilities, and whether by chance."""
    said = (
        f"The adopted tasks differ from the stated probabilities by {agreed.distance:.1%} "
        f"of {agreed.adoptions:,} adoptions"
    )
    if agreed.p is None:
        return f"{said}."
    verdict = "no more than random draws do" if agreed.p >= DOUBTFUL else "more than random draws do"
    law = f"chi-squared {agreed.chi2:.4g} on {agreed.freedom} degrees of freedom, p = {agreed.p:.2g}"
    return f"{said}, {verdict} ({law})."
