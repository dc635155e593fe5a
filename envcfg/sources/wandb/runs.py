"""Many runs of the server at once: those of a project or a sweep, read in parallel."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any, Final, TypeAlias

from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.history.history import History
from envcfg.sources.wandb.address import address
from envcfg.sources.wandb.client import ServerRun, client
from envcfg.sources.wandb.source import from_run

Outcome: TypeAlias = History | EnvcfgError
"""What came of reading one run; the error says why there is nothing of it."""
Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many runs of how many are read."""

_WORKERS: Final = 12
"""Runs read at a time: enough to wait for the network together, few enough for the service's limits on requests."""


def wandb_runs(where: str, filters: Mapping[str, Any] | None = None) -> list[ServerRun]:
    """The runs at `wandb:entity/project`, `wandb:entity/project/sweeps/id` or the page of one, oldest first.

    *filters* are MongoDB's, as `wandb.Api().runs` takes them. Raises `SourceError` where there is no run.
    """
    found = address(where)
    if found is None or found.kind not in ("project", "sweep"):
        raise SourceError(
            f"{where}: expected wandb:entity/project, wandb:entity/project/sweeps/id, or its page's address"
        )
    asked = client()
    asked.check_host(found)
    runs = list(asked.runs(found, filters))
    if not runs:
        among = f" among those that pass {dict(filters)}" if filters else ""
        raise SourceError(f"{asked.server} has no run of {found}{among}, or you may not see it")
    return runs


def read_runs(
    runs: Sequence[ServerRun], *, workers: int = _WORKERS, progress: Progress | None = None
) -> Iterator[tuple[ServerRun, Outcome]]:
    """Each of *runs* as it comes in, with its history or why it has none.

    Without *progress*, a bar shows how far it is, on stderr, where somebody looks.
    """
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="envcfg-reader") as pool:
        waiting = {pool.submit(from_run, run): run for run in runs}
        coming = as_completed(waiting)
        try:
            for count, done in enumerate(_watched(coming, len(waiting)) if progress is None else coming, start=1):
                yield waiting[done], _outcome(done)
                if progress is not None:
                    progress(count, len(waiting))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # whoever stops early does not wait for all


def _outcome(done: "Future[History]") -> Outcome:
    error = done.exception()
    if error is None:
        return done.result()
    if isinstance(error, EnvcfgError):
        return error
    raise error


def _watched(done: "Iterable[Future[History]]", total: int) -> "Iterable[Future[History]]":
    if not sys.stderr.isatty() and "ipykernel" not in sys.modules:
        return done
    from rich.console import Console  # noqa: PLC0415  # only where a bar is drawn
    from rich.progress import track  # noqa: PLC0415

    return track(done, "Reading runs", total=total, console=Console(stderr=True), transient=True)
