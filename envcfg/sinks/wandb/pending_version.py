"""An artifact version that is being made."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from envcfg.core.artifact_name import ARTIFACT_TYPE
from envcfg.sinks.wandb.mirror import Contents

UPLOAD_TIMEOUT: Final = 120
"""After this many seconds an upload counts as failed. Uploads have their own thread."""


class NameTakenError(ValueError):
    """W&B's client refuses the name of an artifact before it sends anything."""


@dataclass(frozen=True, slots=True)
class PendingVersion:
    """An artifact version that is being made."""

    contents: Contents
    metadata: Mapping[str, Any]
    aliases: Sequence[str]
    ttl: timedelta | None

    def upload(self, run: Any, name: str) -> None:
        """Upload the version as a version of the artifact *name*.

        Call it on the worker thread: online, `log_artifact` may wait 19 s for a dead server. Raises `NameTakenError` if
        the project has an artifact of this name and of another type.
        """
        artifact = sys.modules["wandb"].Artifact(name, type=ARTIFACT_TYPE, metadata=dict(self.metadata))
        if self.ttl is not None:
            artifact.ttl = self.ttl
        with tempfile.TemporaryDirectory(prefix="envcfg-") as folder:
            for file, path in self.contents.staged(Path(folder)).items():
                artifact.add_file(str(path), name=file, policy="immutable" if file.endswith(".gz") else "mutable")
        try:
            logged = run.log_artifact(artifact, aliases=list(self.aliases))
        except ValueError as error:
            raise NameTakenError(str(error)) from error
        if not getattr(run, "offline", False):
            logged.wait(UPLOAD_TIMEOUT)  # raises if the version did not arrive
