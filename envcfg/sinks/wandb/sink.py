"""The sink for Weights & Biases: live metrics, versioned artifacts, a linked journal.

It never imports W&B for an app that does not use it. The training thread never waits for a network.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

from envcfg.core.code import Code
from envcfg.core.drawn import Draws
from envcfg.core.errors import EnvcfgError
from envcfg.core.params import Selection
from envcfg.core.record import Ending, Job, Link, Mix, Record, Request
from envcfg.core.save_interval import DEFAULT_SAVE_INTERVAL
from envcfg.core.tree import Config
from envcfg.journal.segment import SegmentWriter
from envcfg.sinks.change_log import ChangedKey, ChangeLog
from envcfg.sinks.wandb.description import Description
from envcfg.sinks.wandb.journals import folder_for
from envcfg.sinks.wandb.metrics import LiveMetrics
from envcfg.sinks.wandb.mirror import link_files, next_names
from envcfg.sinks.wandb.rows import TrainerRows
from envcfg.sinks.wandb.run import active_run, announce, before_finish, coded, is_over, next_row
from envcfg.sinks.wandb.totals import Totals, past_of
from envcfg.sinks.wandb.uploads import Uploads
from envcfg.sinks.wandb.versions import Versions
from envcfg.tracking.policy import MAX_VERSIONS, Occasion, SavePolicy
from envcfg.tracking.sink import Sink

PAGE: Final = "env_config/timeline"
Page: TypeAlias = Callable[[Path, str], str]
MOST_CHANGES: Final = 200
"""The most rows of the table of changes. The journal has all of them."""
TABLE_GROWTH: Final = 1.25
LAST_UPLOAD: Final = 30.0
"""By default the end of a job waits at most this many seconds for its last version."""


def wandb_sinks(
    *,
    save_interval: int = DEFAULT_SAVE_INTERVAL,
    artifact_gap: float = 60.0,
    max_versions: int = MAX_VERSIONS,
    artifact_ttl: int | None = None,
    last_upload: float = LAST_UPLOAD,
    params: Sequence[str] | Selection | None = None,
    top_tasks: int = 20,
    page: Page | None = None,
    run: Any = None,
    clock: Callable[[], float] = time.time,
) -> tuple[Sink, ...]:
    """Return the sinks that show a run in W&B, for the argument `sinks` of a `Tracker`.

    *run* is the W&B run; by default it is `wandb.run` at the time of each call. *save_interval* is in epochs: after
    this many, a version is saved even if nothing changed. *artifact_gap* is the least number of seconds between two
    artifact versions, and *max_versions* their greatest number. W&B may delete them after *artifact_ttl* days. The end
    of the job waits at most *last_upload* seconds for the last version. *params* are dotted keys of a config, or globs,
    that are charted; by default the key parameters. *top_tasks* is the greatest number of charted tasks. *page* is a
    function of the run's folder and its status; it returns an HTML page, which is logged when the run ends.

    Example: `Tracker(folder, sinks=wandb_sinks(run=wandb.init()))`
    """
    selection = params if isinstance(params, Selection) else Selection(None if params is None else tuple(params))
    live = LiveMetrics(selection, top_tasks=top_tasks)
    policy = SavePolicy(save_interval, artifact_gap, max_versions)
    return (WandbSink(live, policy, ttl=artifact_ttl, patience=last_upload, page=page, run=run, clock=clock),)


class WandbSink:
    """Publishes to the W&B run of this process. The run may start later than the sink, and finish earlier.

    If another W&B run follows, it gets its own metrics and versions.
    """

    def __init__(
        self,
        live: LiveMetrics,
        policy: SavePolicy,
        *,
        ttl: int | None,
        patience: float,
        page: Page | None,
        run: Any,
        clock: Callable[[], float],
    ) -> None:
        self._live = live
        self._fresh = self._policy = policy
        self._ttl = None if ttl is None else timedelta(days=ttl)
        self._patience = patience
        self._page = page
        self._given = run
        self._clock = clock
        self._run: Any = None
        self._journal: SegmentWriter | None = None
        self._job: Job | None = None
        self._totals = Totals()
        self._known: set[str] = set()
        """The ids of the W&B runs that earlier sessions published to."""
        self._changes = ChangeLog(self._totals.counter)
        self._changed: list[ChangedKey] = []
        self._changed_keys = 0
        """The number of rows of the table of changes since the start of the session, and when it was written last."""
        self._shown = 0
        self._lock = threading.RLock()
        self._rows: TrainerRows
        self._description: Description
        self._versions: Versions
        self._kept: Path
        self._uploads = Uploads()
        self._error: Exception | None = None
        self._followed: Path | None = None
        self._pid = os.getpid()
        self._has_warned = False

    @coded()
    def opened(self, journal: SegmentWriter, job: Job) -> None:
        self._journal, self._job = journal, job
        past = past_of(journal.folder, journal.writer)
        self._known = {link.id for session in past for reading in session.readings for link in reading.links}
        self._totals = Totals(past)
        self._changes = ChangeLog(self._totals.counter)
        self._find_run()

    def recorded(self, record: Record, config: Config) -> None:
        with self._lock:  # the app may log rows from another thread
            self._live.record(record, config)
        self._totals.record(record)
        changed = self._changes.record(record, config)
        if changed:
            self._changed = [*self._changed, *changed][-MOST_CHANGES:]
            self._changed_keys += len(changed)
        self._policy = self._policy.changed()
        run = self._find_run()
        if run is not None and self._journal is not None and self._journal.path != self._followed:
            self._follow(run, self._journal)

    def requested(self, request: Request) -> None:
        self._totals.requested(request)

    def slots_ended(self, slots: tuple[int, ...]) -> None:
        with self._lock:
            self._live.end(slots)

    def missed(self, ineffective_keys: int) -> None:
        self._live.miss(ineffective_keys)

    def mixed(self, mix: Mix) -> None:
        with self._lock:
            self._live.mix(mix)
        self._totals.mix(mix)

    def drew(self, draws: Draws) -> None:
        with self._lock:
            self._live.drew(draws)

    @coded()
    def epoch_ended(self, *, step: int, epoch: int) -> None:
        self._totals.set_step(step=step, epoch=epoch)
        run = self._find_run()
        if run is not None:
            self._rows.end_epoch(run, step=step, epoch=epoch)
            if self._uploads.has_failed:
                self._policy = self._policy.changed()  # the next version contains everything of this one
            occasion = self._policy.due(epoch=epoch, time=self._clock())
            if occasion is not None:
                self._save(occasion)
        self._raise_error()

    @coded()
    def closed(self, ending: Ending) -> None:
        self._finish(ending.status_text)
        self._raise_error()

    @property
    def row(self) -> int | None:
        return None if self._run is None else next_row(self._run)

    def _find_run(self) -> Any:
        """Return the W&B run, or None if there is none. A new run is prepared first."""
        if self._run is None and self._journal is not None:
            run = self._given or active_run()
            if run is not None and not is_over(run):
                self._begin(run, self._journal)
                self._run = run
        return self._run

    @coded()
    def _begin(self, run: Any, journal: SegmentWriter) -> None:
        before_finish(run, lambda: self._finish_early(run))
        folder = Path(run.dir).parent.name
        self._description = Description(run, is_known=run.id in self._known)
        self._rows = TrainerRows(self._live, self._description.names, self._lock, journal.reached)
        self._rows.attach(run)
        self._describe()  # at once: a killed run that goes on has to know that these names are not the trainer's
        link = Link(
            *(self._clock(), "wandb", run.id, run.project, run.entity or None, run.settings.mode, folder),
            marked=self._rows.is_marked,
        )
        journal.append(link, time=link.time)
        self._kept = folder_for(run, journal)
        curriculum = self._job.curriculum if self._job else None
        self._versions = Versions(run, journal, self._kept, uploads=self._uploads, ttl=self._ttl, curriculum=curriculum)
        self._follow(run, journal)
        self._live.begin()
        self._shown = 0
        self._policy = self._fresh.changed() if self._totals.records else self._fresh

    @coded()
    def _follow(self, run: Any, journal: SegmentWriter) -> None:
        """Link the open segment into the files of the run, so that they contain all records of a killed job."""
        self._followed = journal.path
        new = link_files(journal.folder, self._kept)
        if getattr(run, "offline", False):
            names = {*new, *(next_names(journal.path) if journal.path else ())}
            announce(run, (f"{self._kept.name}/{name}" for name in names))

    def _finish_early(self, run: Any) -> None:
        """Finish when the app finishes its run, or when the interpreter exits. Errors are kept, not raised here."""
        if run is not self._run or os.getpid() != self._pid:  # a forked child leaves the run to its parent
            return
        try:
            self._finish("finished")
        except Exception as error:  # noqa: BLE001  # kept for the guard, which gets it at the next call
            self._error = error

    def _finish(self, status: str) -> None:
        """Save the last version and the summary, while the run still accepts data."""
        run, self._run = self._run, None
        if run is None:
            return
        self._rows.finish(run)
        self._save("final", status=status)
        if not self._uploads.wait(self._patience):
            raise EnvcfgError(
                f"the last artifact version was not uploaded within {self._patience:g} s; the journal is complete, and "
                "the next job of this run uploads it",
                code=Code.WANDB_LATE,
            )
        page = self._page
        if page is not None:
            self._uploads.submit(lambda: _show(run, page, status))
            self._uploads.wait(self._patience)

    def _raise_error(self) -> None:
        """Raise the last error on the training thread, where the guard counts and shows it."""
        error, self._error = self._error, None
        if error is not None:
            raise error
        self._uploads.raise_error()

    def _save(self, occasion: Occasion, status: str = "running") -> None:
        """Decide on a version, and describe the run."""
        journal = self._journal
        if journal is None:
            return
        self._policy = self._policy.saved(epoch=self._totals.epoch, time=self._clock())
        self._description.count(journal, self._totals, status, self._live.ineffective_keys)
        self._describe()
        self._versions.save(occasion, self._totals, status, self._new_changes(is_last=occasion == "final"))

    def _new_changes(self, *, is_last: bool) -> list[ChangedKey]:
        """The table of changes, if it has a quarter more rows than the last one: each table is uploaded as a whole."""
        if self._changed_keys <= self._shown * (1.0 if is_last else TABLE_GROWTH):
            return []
        self._shown = self._changed_keys
        return self._changed

    def _describe(self) -> None:
        with self._lock:
            self._description.describe(self._live, self._totals, self._job.curriculum if self._job else None)
        if self._live.left_out and not self._has_warned:
            self._has_warned = True
            sys.stderr.write(f"envcfg: {self._live.shortfall}\n")


def _show(run: Any, page: Page, status: str) -> None:
    html = sys.modules["wandb"].Html(page(Path(run.dir).parent, status), inject=False)
    run.log({PAGE: html}, commit=False)
