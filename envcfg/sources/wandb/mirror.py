"""The cache on disk: one folder for each run that was read from the server. It is read like any run folder.

Files are replaced as a whole, so several processes can read and update the same run. You can delete the cache at any
time.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from envcfg.core.code import Code, Coded
from envcfg.core.errors import MissingExtraError
from envcfg.core.whole_file import replace_file
from envcfg.journal.folder import JOURNAL, segment_of
from envcfg.sources.legacy_json import FILE as LEGACY_JSON
from envcfg.sources.wandb.client import ServerRun, WandbClient
from envcfg.sources.wandb.metric_rows import FILE as METRICS
from envcfg.sources.wandb.metric_rows import own_series, packed_rows
from envcfg.sources.wandb.version import Version

VARIABLE: Final = "ENVCFG_CACHE_DIR"
_STATE: Final = "server.json"
"""The state of the folder. It is written last, so an interrupted update is repeated."""


def cache_folder() -> Path:
    """Return `$ENVCFG_CACHE_DIR`, or by default envcfg's folder in the cache folder of the user."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    try:
        from platformdirs import user_cache_path  # noqa: PLC0415  # an extra; W&B depends on it
    except ImportError as error:
        raise MissingExtraError("reading from the W&B server", extra="wandb") from error
    return user_cache_path("envcfg", appauthor=False)


class Mirror:
    """One folder of the cache. Only missing and outdated files are fetched from the server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / JOURNAL
        self.legacy_json = self.journal / LEGACY_JSON
        self.metrics = folder / METRICS
        try:
            found = json.loads((folder / _STATE).read_bytes())
        except (OSError, ValueError, RecursionError):
            found = None
        self._state: dict[str, Any] = found if isinstance(found, dict) else {}

    def update_files(self, versions: Sequence[Version], client: WandbClient, *, is_exact: bool = False) -> None:
        """Make the journal's folder contain the journal files of *versions*.

        Nothing that is already there is lost, if the server has it no longer; with *is_exact* only these files stay.
        """
        digests = {version.name: version.digest for version in versions}
        if self._state.get("artifacts") == digests:
            return
        if not is_exact and self._is_older(versions):
            return
        listed = ((name, version) for version in versions for name in client.files(version))
        wanted = {name: version for name, version in listed if segment_of(name) or name == LEGACY_JSON}
        self.journal.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="envcfg-") as scratch:
            for name, version in wanted.items():
                path = self.journal / name
                if not (path.is_file() and version.has(name, path.read_bytes())):
                    _put(path, client.fetch(version, name, Path(scratch)))
        for path in self.journal.iterdir():
            is_sealed_since = path.suffix == ".jsonl" and path.with_suffix(".json.gz").name in wanted
            if segment_of(path.name) and (is_sealed_since or (is_exact and path.name not in wanted)):
                path.unlink(missing_ok=True)
        newest = max((version.number for version in versions), default=-1)
        self._remember(artifacts=digests, number=newest)

    def _is_older(self, versions: Sequence[Version]) -> bool:
        """Whether the cache has a later version than the server, where it expired or was deleted."""
        kept = self._state.get("number")
        return isinstance(kept, int) and kept > max((version.number for version in versions), default=-1)

    def note(self, versions: Sequence[Version]) -> Coded | None:
        """What to say if the server does not have the version that the cache has; None if it has it."""
        if not self._is_older(versions):
            return None
        names = ", ".join(sorted(name.partition(":")[0] for name in self._state["artifacts"]))
        number = self._state["number"]
        said = f"the server has no version {number} of {names} any more; its copy in the cache was read: {self.journal}"
        return Coded(said, Code.WANDB_NOT_FOUND)

    def add_newer_files(self, run: ServerRun, client: WandbClient) -> bool:
        """Add the records of a killed run after its last version, from the files of the run. Return whether any exist.

        An open segment only grows, so the longer copy contains the shorter one.
        """
        has_more = False
        with TemporaryDirectory(prefix="envcfg-") as scratch:
            for name, file in client.run_files(run, JOURNAL).items():
                path = self.journal / name
                if segment_of(name) and file.size > (path.stat().st_size if path.is_file() else 0):
                    _put(path, client.fetch_run_file(file, Path(scratch)))
                    has_more = True
        return has_more

    def update_metrics(self, run: ServerRun, client: WandbClient) -> None:
        """Make the metrics file contain all rows of *run*."""
        if self._state.get("metrics") == run.stamp and self.metrics.is_file():
            return
        _put(self.metrics, packed_rows(client.rows(run)))
        self._remember(metrics=run.stamp, series=own_series(client.config(run)))

    def _remember(self, **state: Any) -> None:
        self._state |= state
        _put(self.folder / _STATE, json.dumps(self._state).encode())


def series_beside(metrics: Path) -> list[str] | None:
    """The series of envcfg in a metrics file of the cache; None if that is not known."""
    try:
        found = json.loads(metrics.with_name(_STATE).read_bytes()).get("series")
    except (OSError, ValueError, RecursionError, AttributeError):
        return None
    return found if isinstance(found, list) else None


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content)
