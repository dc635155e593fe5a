"""Reads the metrics of a run in Trackio, from its database on this machine."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from envcfg.core.errors import SourceError
from envcfg.core.extras import needed
from envcfg.core.selection import near_text
from envcfg.history.history import History
from envcfg.sources.metric_files.rows import STEP, TIME, Row
from envcfg.sources.trackers.overlap import of_run

PREFIX: Final = "trackio:"
_OWN: Final = ("step", "timestamp")


class TrackioRun(NamedTuple):
    """A project, and the name of a run in it; the name is empty if the run is to be found."""

    project: str
    run: str = ""


def trackio_run(place: str) -> TrackioRun | None:
    """The run that *place* means: `trackio:PROJECT`, or `trackio:PROJECT/RUN`."""
    if not place.startswith(PREFIX):
        return None
    project, _, run = place.removeprefix(PREFIX).partition("/")
    return TrackioRun(project, run)


def trackio_rows(asked: TrackioRun, history: History) -> list[Row]:
    """The rows that were logged. Raises `SourceError` if there is no such run."""
    storage = needed("trackio.sqlite_storage", "reading metrics in Trackio", extra="trackio").SQLiteStorage
    projects = storage.get_projects()
    if asked.project not in projects:
        raise SourceError(f"Trackio has no project {asked.project}{near_text(asked.project, projects)}")
    logs = {name: list(map(_row, storage.get_logs(asked.project, name))) for name in storage.get_runs(asked.project)}
    if asked.run and asked.run not in logs:
        raise SourceError(f"Trackio's project {asked.project} has no run {asked.run}{near_text(asked.run, logs)}")
    spans = {name: (rows[0][TIME], rows[-1][TIME]) for name, rows in logs.items() if rows}
    where = f"Trackio's project {asked.project}"
    return logs[asked.run or of_run(history, spans, where, f"{PREFIX}{asked.project}/")]


def _row(logged: Mapping[str, Any]) -> Row:
    time = datetime.fromisoformat(str(logged["timestamp"])).timestamp()
    return {**dict(_metrics(logged)), STEP: logged.get("step"), TIME: time}


def _metrics(logged: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in logged.items() if name not in _OWN)
