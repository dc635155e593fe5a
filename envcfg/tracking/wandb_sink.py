"""The one place of the training side that knows Weights & Biases: live metrics, versioned artifacts, a linked journal.

W&B is never imported for an app that does not use it, and nothing here blocks the training thread on a network.
"""

import atexit
import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from envcfg.core.errors import EnvcfgError
from envcfg.core.params import Selection
from envcfg.core.record import Ending, Job, Link, Mix, Record
from envcfg.core.tree import Config
from envcfg.journal.folder import segments
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.live import EPOCH, STEP, LiveMetrics
from envcfg.tracking.policy import Occasion, SavePolicy
from envcfg.tracking.sink import Sink
from envcfg.tracking.totals import Totals
from envcfg.tracking.uploads import Uploads

ARTIFACT_TYPE: Final = "environment_configs"
FOLDER: Final = "envcfg"
"""The journal's folder among the files of a W&B run."""
SEAL_AT: Final = 64 << 10
"""Bytes from which an open segment is sealed before a save, so that later versions do not upload it again."""
UPLOAD_TIMEOUT: Final = 120
"""Seconds after which an upload counts as failed, on a thread of its own."""
LAST_UPLOAD: Final = 30.0
"""Seconds that the end of a job waits for the last version on a network that does not answer."""


def wandb_sinks(
    *,
    save_interval: int = 1000,
    artifact_gap: float = 60.0,
    params: Sequence[str] | Selection | None = None,
    top_tasks: int = 20,
    run: Any = None,
    clock: Callable[[], float] = time.time,
) -> tuple[Sink, ...]:
    """The sinks that show a run in W&B: of *run*, or of whatever `wandb.run` is when there is something to show.

    *save_interval* is in epochs, *artifact_gap* the least number of seconds between two artifact versions;
    *params* are globs over dotted places of a config, or a `Selection`.
    """
    selection = params if isinstance(params, Selection) else Selection(None if params is None else tuple(params))
    live = LiveMetrics(selection, top_tasks=top_tasks)
    return (WandbSink(live, SavePolicy(save_interval, artifact_gap), run=run, clock=clock),)


class WandbSink:
    """Publishes to the W&B run of this process, whenever it was started and however early it is finished."""

    def __init__(self, live: LiveMetrics, policy: SavePolicy, *, run: Any, clock: Callable[[], float]) -> None:
        self._live = live
        self._policy = policy
        self._given = run
        self._clock = clock
        self._run: Any = None
        self._journal: SegmentWriter | None = None
        self._job: Job | None = None
        self._totals = Totals()
        self._uploads = Uploads()

    def opened(self, journal: SegmentWriter, job: Job) -> None:
        self._journal, self._job = journal, job
        self._find_run()

    def recorded(self, record: Record, config: Config) -> None:
        self._live.record(record, config)
        self._totals.record(record)
        self._policy = self._policy.changed()
        self._find_run()

    def mixed(self, mix: Mix) -> None:
        self._live.mix(mix)
        self._totals.mix(mix)

    def advanced(self, *, step: int, epoch: int) -> None:
        self._totals.reach(step=step, epoch=epoch)
        run = self._find_run()
        if run is None:
            return
        run.log(self._live.row(step=step, epoch=epoch), commit=False)  # merges into the trainer's own row
        if self._uploads.has_failed:
            self._policy = self._policy.changed()  # the next occasion has everything that this one had
        occasion = self._policy.due(epoch=epoch, time=self._clock())
        if occasion is not None:
            self._save(run, occasion)
        self._uploads.raise_error()

    def closed(self, ending: Ending) -> None:
        self._finish(ending.status)

    def _find_run(self) -> Any:
        """The live run, which is made ready when it is first seen; None where there is none to publish to."""
        wandb = sys.modules.get("wandb")
        run = self._given or (wandb and wandb.run)
        if run is not self._run:
            self._run = None
            if run is not None and not getattr(run, "disabled", False) and self._journal is not None:
                self._begin(run, self._journal)
                self._run = run
        return self._run

    def _begin(self, run: Any, journal: SegmentWriter) -> None:
        run.define_metric(EPOCH, hidden=True)
        run.define_metric(STEP, hidden=True)
        for pattern in ("env/*", "curriculum/*", "env_config/*"):
            run.define_metric(pattern, step_metric=EPOCH)
        _before_finish(run, lambda: self._finish("finished"))
        folder = Path(run.dir).parent.name
        link = Link(self._clock(), "wandb", run.id, run.project, run.entity or None, run.settings.mode, folder)
        journal.append(link, time=link.time)
        _link_files(journal.folder, Path(run.dir) / FOLDER)

    def _finish(self, status: str) -> None:
        """The last version and the summary, while the run can still take them."""
        run, self._run, self._given = self._run, None, None
        if run is None:
            return
        self._save(run, "final", status=status)
        run.summary["env_config"] = self._totals.summary(status)
        self._describe(run)
        if not self._uploads.wait(LAST_UPLOAD):
            raise EnvcfgError(
                f"the last artifact version was not uploaded within {LAST_UPLOAD:.0f} s; the journal is complete"
            )
        self._uploads.raise_error()

    def _describe(self, run: Any) -> None:
        """What the names and numbers of the charts stand for, where they do not say it themselves."""
        live = self._live
        said = {"names": live.names, "values": live.categories, "left_out": sorted(live.left_out)[:100]}
        if any(said.values()):
            run.config.update({"env_config": said}, allow_val_change=True)

    def _save(self, run: Any, occasion: Occasion, status: str = "running") -> None:
        """Hand a version to the worker thread: what is sealed, a copy of the open tail, and a manifest."""
        journal = self._journal
        if journal is None:
            return
        if journal.size >= SEAL_AT:
            journal.seal()
        kept = Path(run.dir) / FOLDER
        _link_files(journal.folder, kept)
        metadata = self._metadata(run, occasion, status)
        (kept / "manifest.json").write_text(json.dumps(metadata, indent=1))
        files = {path.name: path for path in sorted(kept.iterdir())}
        aliases = ["final"] if occasion == "final" else [f"epoch-{self._totals.epoch}"]
        if getattr(run, "offline", False):
            _upload(run, files, metadata, aliases)  # there is no network to wait for
        else:
            self._uploads.submit(lambda: _upload(run, files, metadata, aliases))
        self._policy = self._policy.saved(epoch=self._totals.epoch, time=self._clock())

    def _metadata(self, run: Any, occasion: Occasion, status: str) -> dict[str, Any]:
        curriculum = self._job.curriculum if self._job else None
        name = self._journal.writer.run if self._journal else None
        return {
            "run_id": run.id,
            "recorded_as": name,
            "curriculum": curriculum,
            "occasion": occasion,
            **self._totals.metadata(status),
        }


def _upload(run: Any, files: Mapping[str, Path], metadata: Mapping[str, Any], aliases: Sequence[str]) -> None:
    """Online this belongs on the worker thread: `log_artifact` waits up to 19 s for a server that is dead."""
    artifact = sys.modules["wandb"].Artifact(f"env_configs-{run.id}", type=ARTIFACT_TYPE, metadata=dict(metadata))
    for name, path in files.items():
        if path.exists():  # an open segment may have been sealed since; the next version has it
            artifact.add_file(str(path), name=name, policy="immutable" if name.endswith(".gz") else "mutable")
    logged = run.log_artifact(artifact, aliases=list(aliases))
    if not getattr(run, "offline", False):
        logged.wait(UPLOAD_TIMEOUT)  # only this tells whether it arrived


def _link_files(journal: Path, kept: Path) -> None:
    """Make the files of a W&B run hold the journal: the same files by hard links, copies where that cannot be.

    An open segment that is linked stays complete whatever dies, and whoever moves the run's folder takes it along.
    """
    kept.mkdir(parents=True, exist_ok=True)
    names = {segment.path(journal).name for segment in segments(journal)}
    for stale in {path.name for path in kept.iterdir()} - names - {"manifest.json"}:
        (kept / stale).unlink()
    for name in names:
        source, target = journal / name, kept / name
        try:
            os.link(source, target)
        except FileExistsError:
            if not source.samefile(target):
                shutil.copyfile(source, target)
        except OSError:
            shutil.copyfile(source, target)


def _before_finish(run: Any, call: Callable[[], None]) -> None:
    """Have *call* made while the run still takes data: when the app finishes it, or when the interpreter exits.

    It keeps its errors to itself: they would come out of the app's own `finish()`.
    """

    def quietly() -> None:
        with contextlib.suppress(Exception):
            call()

    atexit.register(quietly)  # later than W&B's own, so it runs before it

    try:
        from wandb.sdk.wandb_run import TeardownHook, TeardownStage  # noqa: PLC0415  # the app has imported it

        run._teardown_hooks.append(TeardownHook(quietly, TeardownStage.EARLY))  # noqa: SLF001  # there is no public way
    except (ImportError, AttributeError):
        finish = run.finish

        def finish_after_us(*args: Any, **options: Any) -> Any:
            quietly()
            return finish(*args, **options)

        run.finish = finish_after_us
