"""The sink for TensorBoard: the series as scalars, and each change as a text, on environment steps."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envcfg.core.extras import needed
from envcfg.core.record import Ending
from envcfg.sinks.change_log import ChangedKey
from envcfg.sinks.series_sink import SeriesSink, change_text
from envcfg.sinks.wandb.metrics import MetricsRow

CHANGES = "env_config/changes"
"""The tag of the texts."""
_FILE_END = ".envcfg"


class TensorBoardSink(SeriesSink):
    """Writes an event file into *folder*, which is below the output folder of the job.

    To see the series beside those of your trainer, name the folder that contains the runs of your trainer.
    """

    def __init__(
        self, *, folder: str = "tensorboard", params: Sequence[str] | None = None, top_tasks: int = 20
    ) -> None:
        super().__init__(params=params, top_tasks=top_tasks)
        self._event = _needed("tensorboard.compat.proto.event_pb2").Event
        self._summary = _needed("tensorboard.compat.proto.summary_pb2").Summary
        self._about_text = _needed("tensorboard.plugins.text.metadata").create_summary_metadata
        self._tensor = _needed("tensorboard.util.tensor_util").make_tensor_proto
        self._new_writer = _needed("tensorboard.summary.writer.event_file_writer").EventFileWriter
        self._folder = folder
        self._writer: Any = None

    def begin(self, folder: Path) -> None:
        rank = f"rank-{self._journal.rank}" if self._journal.rank else ""
        self._writer = self._new_writer(str(folder / self._folder / rank), filename_suffix=_FILE_END)

    def send(self, points: MetricsRow, changed: Sequence[ChangedKey], *, step: int) -> None:
        values = [self._summary.Value(tag=tag, simple_value=value) for tag, value in points.items()]
        self._add(values, step)
        for number in dict.fromkeys(row.number for row in changed):
            rows = [row for row in changed if row.number == number]
            self._add([self._text(change_text(rows))], rows[0].step)
        self._writer.flush()

    def end(self, ending: Ending) -> None:
        del ending
        self._writer.close()

    def _text(self, text: str) -> Any:
        about = self._about_text(display_name=CHANGES, description="")
        return self._summary.Value(tag=CHANGES, tensor=self._tensor([text.encode()], dtype="string"), metadata=about)

    def _add(self, values: Sequence[Any], step: int) -> None:
        event = self._event(wall_time=time.time(), step=step, summary=self._summary(value=values))
        self._writer.add_event(event)


def _needed(module: str) -> Any:
    return needed(module, "the sink tensorboard", extra="tensorboard")
