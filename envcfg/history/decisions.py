"""The decision that each adoption belongs to, if slots adopted one decision with several configs."""

from collections.abc import Iterable, Mapping, Sequence

from envcfg.core.decisions import Decisions
from envcfg.history.adoptions import Adoptions
from envcfg.history.answers import Answer, Requested, explained
from envcfg.journal.columns import NONE


def decisions(requests: Sequence[Requested], found: Iterable[Answer]) -> Mapping[int, int]:
    """For each row that makes a request effective, the number of its decision."""
    numbers = Decisions()
    each = [numbers.number(asked.request, asked.rank) for asked in requests]
    return {row: each[number - 1] for row, number in explained(requests, found).items()}


def has_variants(adoptions: Adoptions) -> bool:
    """Whether adoptions that were requested at one step have several configs or tasks."""
    columns = adoptions.columns
    asked = {pair for pair in zip(columns.requested_at, columns.adopted.index, strict=True) if pair[0] != NONE}
    return len({step for step, _ in asked}) < len(asked)
