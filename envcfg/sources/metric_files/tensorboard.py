"""Reads the scalars in TensorBoard's event files, of one folder each."""

from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, Final

from envcfg.core.errors import SourceError
from envcfg.core.extras import needed
from envcfg.sources.metric_files.rows import STEP, TIME, Row

EVENTS: Final = "events.out.tfevents.*"
MOST_BYTES: Final = 1 << 28
"""The most bytes of an event file. Most of a large one are pictures."""
_ALL: Final = 0
"""The size of TensorBoard's reservoir that keeps each event."""


def event_rows(folder: Path) -> list[Row]:
    """A row for each scalar in the event files of *folder*. Raises `MissingExtraError` without TensorBoard."""
    large = next((path for path in folder.glob(EVENTS) if path.stat().st_size > MOST_BYTES), None)
    if large is not None:
        raise SourceError(f"{large} has more than {MOST_BYTES:,} bytes: such files are not read")
    with redirect_stderr(StringIO()):  # it says that TensorFlow is missing, which it does not need
        module = needed(
            "tensorboard.backend.event_processing.event_accumulator", "reading TensorBoard's files", extra="tensorboard"
        )
        events = module.EventAccumulator(str(folder), {"scalars": _ALL, "tensors": _ALL}, purge_orphaned_data=False)
        events.Reload()
    return [*_scalars(events), *_tensors(events)]


def _scalars(events: Any) -> Iterator[Row]:
    for tag in events.Tags()["scalars"]:
        for event in events.Scalars(tag):
            yield {tag: event.value, STEP: event.step, TIME: event.wall_time}


def _tensors(events: Any) -> Iterator[Row]:
    """The scalars of writers that store each as a tensor, as TensorFlow 2 does."""
    known = set(events.Tags()["scalars"])
    for tag in events.Tags()["tensors"]:
        plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
        if tag in known or plugin not in ("scalars", ""):
            continue
        array = needed("tensorboard.util.tensor_util", "reading TensorBoard's files", extra="tensorboard").make_ndarray
        for event in events.Tensors(tag):
            value = array(event.tensor_proto)
            if value.size == 1 and value.dtype.kind in "fiu":
                yield {tag: float(value), STEP: event.step, TIME: event.wall_time}
