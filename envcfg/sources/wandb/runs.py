"""Lists the runs of a project or a sweep on the W&B server, and reads them in parallel."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any, Final, TypeAlias

from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.history.history import History
from envcfg.sources.wandb.address import SEVERAL, address
from envcfg.sources.wandb.client import ServerRun, client
from envcfg.sources.wandb.source import all_from_run

ReadResult: TypeAlias = History | EnvcfgError
"""The history of a run, or the error if it could not be read."""
ProgressCallback: TypeAlias = Callable[[int, int], None]
"""A function that is called with the number of runs read and the total."""

_WORKERS: Final = 12
"""The number of runs read at the same time: enough for a slow network, and below the service's request limits."""


def wandb_runs(where: str, filters: Mapping[str, Any] | None = None) -> list[ServerRun]:
    """List the runs of a project or a sweep on the W&B server, the oldest first.

    *where* is `wandb:entity/project`, `wandb:entity/project/sweeps/id`, or the address of such a page. *filters* have
    MongoDB's form, as in `wandb.Api().runs`. Raises `SourceError` if there is no run.

    Example: `wandb_runs("wandb:my-team/foraging", {"state": "finished"})`
    """
    found = address(where)
    if found is None or found.kind not in SEVERAL:
        raise SourceError(
            f"{where}: expected wandb:entity/project, wandb:entity/project/sweeps/id, or the address of such a page"
        )
    asked = client()
    asked.check_host(found)
    runs = list(asked.runs(found, filters))
    if not runs:
        among = f" among those that pass {dict(filters)}" if filters else ""
        raise SourceError(f"{asked.server} has no runs in {found}{among}, or you may not see them")
    return runs


def read_runs(
    runs: Sequence[ServerRun], *, workers: int = _WORKERS, progress: ProgressCallback | None = None
) -> Iterator[tuple[ServerRun, ReadResult]]:
    """Read *runs* in parallel, and yield each one with its history or its error as soon as it is read.

    A run with several journals, such as a training and its evaluation, comes once for each.

    *workers* runs are read at the same time. *progress* is called with the number of runs read and the total. Without
    it, a progress bar appears on stderr in a terminal or a notebook.

    Example: `for run, outcome in read_runs(wandb_runs("wandb:my-team/foraging")): ...`
    """
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="envcfg-reader") as pool:
        waiting = {pool.submit(all_from_run, run): run for run in runs}
        coming = as_completed(waiting)
        try:
            for count, done in enumerate(_watched(coming, len(waiting)) if progress is None else coming, start=1):
                for outcome in _outcomes(done):
                    yield waiting[done], outcome
                if progress is not None:
                    progress(count, len(waiting))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # a caller that stops early does not wait for all runs


def _outcomes(done: "Future[tuple[History, ...]]") -> tuple[ReadResult, ...]:
    error = done.exception()
    if error is None:
        return done.result()
    if isinstance(error, EnvcfgError):
        return (error,)
    raise error


def _watched(done: "Iterable[Future[tuple[History, ...]]]", total: int) -> "Iterable[Future[tuple[History, ...]]]":
    if not sys.stderr.isatty() and "ipykernel" not in sys.modules:
        return done
    from rich.console import Console  # noqa: PLC0415  # only where a bar is drawn
    from rich.progress import track  # noqa: PLC0415

    return track(done, "Reading runs", total=total, console=Console(stderr=True), transient=True)
