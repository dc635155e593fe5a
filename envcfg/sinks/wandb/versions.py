"""The artifact versions of one W&B run. The training thread decides on a version. A worker thread makes it."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from envcfg.core.artifact_name import artifact_name, second_artifact_name
from envcfg.journal.segment import SegmentWriter
from envcfg.sinks.change_log import ChangedKey
from envcfg.sinks.wandb.journals import is_shared
from envcfg.sinks.wandb.mirror import OpenSegment, update_folder
from envcfg.sinks.wandb.pending_version import NameTakenError, PendingVersion
from envcfg.sinks.wandb.run import new_table
from envcfg.sinks.wandb.totals import Totals
from envcfg.sinks.wandb.uploads import Uploads
from envcfg.tracking.policy import SEAL_AT, Occasion

MANIFEST: Final = ("run_id", "session", "occasion", "status", "epoch", "last_step")
"""The metadata that each version also contains as a file. It makes the versions differ."""


CHANGES: Final = "env_config/changes"
"""The table of changes in the summary of a run."""


class Versions:
    """Saves versions of *journal* to *run*. *kept* is the folder of the journal in the files of the run."""

    def __init__(
        self,
        run: Any,
        journal: SegmentWriter,
        kept: Path,
        *,
        uploads: Uploads,
        ttl: timedelta | None,
        curriculum: str | None,
    ) -> None:
        self._run = run
        self._journal = journal
        self._kept = kept
        self._uploads = uploads
        self._ttl = ttl
        self._curriculum = curriculum
        self._name = artifact_name(run.id)
        self._changed: list[ChangedKey] = []

    def save(self, occasion: Occasion, totals: Totals, status: str, changed: Sequence[ChangedKey] = ()) -> None:
        """Give a version to the worker thread: sealed segments, a copy of the open segment, and a manifest.

        If there are new changes, *changed* has the latest rows of the table of changes.
        """
        journal = self._journal
        if journal.size >= SEAL_AT:
            journal.seal()
        metadata = self._metadata(occasion, totals, status)
        alias = "final" if occasion == "final" else f"epoch-{totals.epoch}"
        tail = OpenSegment.of(journal)
        is_offline = bool(getattr(self._run, "offline", False))  # there is no network to wait for: each one is made
        self._changed = list(changed) or self._changed

        def save_version() -> None:
            self._save(metadata, alias, tail)
            self._show()

        self._uploads.submit(save_version, replaces=not is_offline)

    def _show(self) -> None:
        """Write the table of changes into the summary."""
        changed, self._changed = self._changed, []
        if changed:
            table = new_table(self._run, CHANGES, list(ChangedKey._fields), [list(row) for row in changed])
            self._run.summary.update({CHANGES: table})

    def _save(self, metadata: Mapping[str, Any], alias: str, tail: OpenSegment | None) -> None:
        manifest = json.dumps({name: metadata[name] for name in MANIFEST}, separators=(",", ":"))
        is_last = alias == "final"
        contents = update_folder(
            self._journal.folder, self._kept, tail=tail, manifest=manifest.encode(), is_last=is_last
        )
        version = PendingVersion(contents, metadata, (alias,), self._ttl)
        try:
            version.upload(self._run, self._name)
        except NameTakenError:
            second = second_artifact_name(self._run.id)
            if self._name == second:
                raise
            version.upload(self._run, second)
            self._name = second

    def _metadata(self, occasion: Occasion, totals: Totals, status: str) -> dict[str, Any]:
        return {
            "run_id": self._run.id,
            "recorded_as": self._journal.writer.run,
            "journal": self._journal.writer.id,
            "shared": is_shared(self._run),
            "session": self._journal.writer.session,
            "curriculum": self._curriculum,
            "occasion": occasion,
            **totals.metadata(status),
        }
