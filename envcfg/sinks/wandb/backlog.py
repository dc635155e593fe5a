"""The points of the epochs of a program that has logged nothing yet, in a limited number of rows."""

from typing import Final

from envcfg.sinks.wandb.metrics import MetricsRow

MOST: Final = 2_000
"""The most rows that are kept. W&B draws at most 1,500 points of a line."""


class Backlog:
    """The rows in order. If there are too many, each two neighbours become one row, with the later values."""

    def __init__(self) -> None:
        self.rows: list[MetricsRow] = []

    def __bool__(self) -> bool:
        return bool(self.rows)

    def add(self, row: MetricsRow) -> None:
        self.rows.append(row)
        if len(self.rows) > MOST:
            pairs = zip(self.rows[::2], [*self.rows[1::2], {}], strict=False)
            self.rows = [{**one, **other} for one, other in pairs]
