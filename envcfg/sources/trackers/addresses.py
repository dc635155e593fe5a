"""Recognises the places of runs in tracking services, and reads their rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from envcfg.history.history import History
from envcfg.sources.metric_files.rows import Row
from envcfg.sources.trackers.mlflow import mlflow_below, mlflow_rows, mlflow_run
from envcfg.sources.trackers.trackio import trackio_rows, trackio_run


def tracker_rows(place: str, run: History) -> Sequence[Row] | None:
    """The rows of the run that *place* means; None if it names no tracking service."""
    of_mlflow, of_trackio = mlflow_run(place), trackio_run(place)
    if of_mlflow is not None:
        return mlflow_rows(of_mlflow, run)
    return None if of_trackio is None else trackio_rows(of_trackio, run)


def tracker_rows_below(folder: Path, run: History) -> Iterator[Sequence[Row]]:
    """The rows of *run* in the tracking services that keep their runs in *folder*."""
    of_mlflow = mlflow_below(folder)
    if of_mlflow is not None:
        yield mlflow_rows(of_mlflow, run)
