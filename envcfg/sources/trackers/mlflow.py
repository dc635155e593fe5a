"""Reads the metrics of a run in MLflow, from a server, a database, or a folder `mlruns`."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.core.extras import needed
from envcfg.history.history import History
from envcfg.sources.metric_files.rows import STEP, TIME, Row
from envcfg.sources.trackers.overlap import of_run

PREFIX: Final = "mlflow:"
_PAGE: Final = re.compile(r"(?P<server>https?://.+?)/?#/experiments/[^/]+/runs/(?P<run>\w+)(?:/.*)?")
_RUN: Final = re.compile(r"[0-9a-f]{32}")
_USUAL: Final = "MLFLOW_TRACKING_URI"


class MlflowRun(NamedTuple):
    """A tracking server, database or folder, and a run in it; the run is empty if it is to be found."""

    uri: str
    run: str = ""


def mlflow_run(place: str) -> MlflowRun | None:
    """The run that *place* means: the address of its page, or `mlflow:` and a run id, or a place and `#` and the id."""
    page = _PAGE.fullmatch(place.removeprefix(PREFIX))
    if page is not None:
        return MlflowRun(page["server"], page["run"])
    if not place.startswith(PREFIX):
        return None
    rest = place.removeprefix(PREFIX)
    if _RUN.fullmatch(rest):
        return MlflowRun(os.environ.get(_USUAL, "mlruns"), rest)
    uri, _, run = rest.partition("#")
    return MlflowRun(uri or os.environ.get(_USUAL, "mlruns"), run)


def mlflow_below(folder: Path) -> MlflowRun | None:
    """The runs that MLflow keeps in *folder* by default; None if there are none."""
    if (folder / "mlflow.db").is_file():
        return MlflowRun(f"sqlite:///{folder.absolute() / 'mlflow.db'}")
    return MlflowRun(str(folder / "mlruns")) if (folder / "mlruns").is_dir() else None


def mlflow_rows(asked: MlflowRun, history: History) -> list[Row]:
    """A row for each value that was logged. Raises `SourceError` if there is no such run."""
    mlflow = needed("mlflow", "reading metrics in MLflow", extra="mlflow")
    try:
        client = mlflow.MlflowClient(tracking_uri=_uri(asked.uri))
        run = client.get_run(asked.run) if asked.run else _only(client, asked, history)
        return list(_rows(client, run))
    except ImportError as error:  # a database needs more than a server
        raise MissingExtraError("reading MLflow's database", extra="mlflow") from error
    except mlflow.exceptions.MlflowException as error:
        raise SourceError(f"MLflow at {asked.uri}: {str(error).splitlines()[0][:300]}") from error


def _rows(client: Any, run: Any) -> Iterator[Row]:
    for name in run.data.metrics:
        for point in client.get_metric_history(run.info.run_id, name):
            yield {name: point.value, STEP: point.step, TIME: point.timestamp / 1000}


def _only(client: Any, asked: MlflowRun, history: History) -> Any:
    """The run that ran while *history* was recorded."""
    experiments = [one.experiment_id for one in client.search_experiments()]
    runs = client.search_runs(experiments)
    spans = {run.info.run_id: _span(run.info) for run in runs}
    found = of_run(history, spans, f"MLflow at {asked.uri}", f"{PREFIX}{asked.uri}#")
    return next(run for run in runs if run.info.run_id == found)


def _span(info: Any) -> tuple[float, float]:
    return info.start_time / 1000, info.end_time / 1000 if info.end_time else float("inf")


def _uri(uri: str) -> str:
    return uri if "://" in uri else Path(uri).expanduser().absolute().as_uri()
