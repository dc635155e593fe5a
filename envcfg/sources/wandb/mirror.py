"""What was read from the server, kept on disk: for each run a folder that is read like any other run's folder.

A file is put in place whole, so that several processes can read and renew the same run; the folder can be deleted
at any time.
"""

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from envcfg.core.errors import MissingExtraError
from envcfg.journal.folder import JOURNAL, segment_of
from envcfg.sources.legacy_json import FILE as ORIGIN
from envcfg.sources.wandb.client import ServerRun, WandbClient
from envcfg.sources.wandb.metric_rows import FILE as METRICS
from envcfg.sources.wandb.metric_rows import packed_rows
from envcfg.sources.wandb.version import Version

VARIABLE: Final = "ENVCFG_CACHE_DIR"
_STATE: Final = "server.json"
"""What the folder holds of the server: written last, so that whatever was cut off is made again."""


def cache_folder() -> Path:
    """`$ENVCFG_CACHE_DIR`, or envcfg's folder among the caches of the user."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    try:
        from platformdirs import user_cache_path  # noqa: PLC0415  # an extra; where W&B is, this is
    except ImportError as error:
        raise MissingExtraError("reading from the W&B server", extra="wandb") from error
    return user_cache_path("envcfg", appauthor=False)


class Mirror:
    """One folder of the cache; the server is asked only for what it holds no longer, or not yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / JOURNAL
        self.origin = self.journal / ORIGIN
        self.metrics = folder / METRICS
        try:
            found = json.loads((folder / _STATE).read_text())
        except (OSError, ValueError, RecursionError):
            found = None
        self._state: dict[str, Any] = found if isinstance(found, dict) else {}

    def bring_files(self, versions: Sequence[Version], client: WandbClient) -> None:
        """Make the journal's folder hold what *versions* hold of a journal: nothing else, and nothing twice."""
        digests = {version.name: version.digest for version in versions}
        if self._state.get("artifacts") == digests:
            return
        listed = ((name, version) for version in versions for name in client.files(version))
        wanted = {name: version for name, version in listed if segment_of(name) or name == ORIGIN}
        self.journal.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="envcfg-") as scratch:
            for name, version in wanted.items():
                path = self.journal / name
                if not (path.is_file() and version.has(name, path.read_bytes())):
                    _put(path, client.fetch(version, name, Path(scratch)))
        for path in self.journal.iterdir():
            if segment_of(path.name) and path.name not in wanted:
                path.unlink(missing_ok=True)  # an open tail that was sealed since
        self._remember(artifacts=digests)

    def bring_kept(self, run: ServerRun, client: WandbClient) -> bool:
        """Add what a killed run had recorded after its last version, from the files of the run; whether there was any.

        An open segment only grows: the longer copy of one has all that the shorter one has.
        """
        has_more = False
        with TemporaryDirectory(prefix="envcfg-") as scratch:
            for name, file in client.kept_files(run, JOURNAL).items():
                path = self.journal / name
                if segment_of(name) and file.size > (path.stat().st_size if path.is_file() else 0):
                    _put(path, client.fetch_kept(file, Path(scratch)))
                    has_more = True
        return has_more

    def bring_metrics(self, run: ServerRun, client: WandbClient) -> None:
        """Make the metrics file hold every row of *run*."""
        if self._state.get("metrics") == run.stamp and self.metrics.is_file():
            return
        _put(self.metrics, packed_rows(client.rows(run)))
        self._remember(metrics=run.stamp)

    def _remember(self, **said: Any) -> None:
        self._state |= said
        _put(self.folder / _STATE, json.dumps(self._state).encode())


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
