"""An artifact version that is being made."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from envcfg.sinks.wandb.mirror import Contents

ARTIFACT_TYPE: Final = "environment_configs"
UPLOAD_TIMEOUT: Final = 120
"""After this many seconds an upload counts as failed. Uploads have their own thread."""


@dataclass(frozen=True, slots=True)
class PendingVersion:
    """An artifact version that is being made."""

    contents: Contents
    metadata: Mapping[str, Any]
    aliases: Sequence[str]
    ttl: timedelta | None

    def upload(self, run: Any) -> None:
        """Upload the version. Online, call it on the worker thread: `log_artifact` may wait 19 s for a dead server."""
        name = f"env_configs-{run.id}"
        artifact = sys.modules["wandb"].Artifact(name, type=ARTIFACT_TYPE, metadata=dict(self.metadata))
        if self.ttl is not None:
            artifact.ttl = self.ttl
        with tempfile.TemporaryDirectory(prefix="envcfg-") as folder:
            for name, path in self.contents.staged(Path(folder)).items():
                artifact.add_file(str(path), name=name, policy="immutable" if name.endswith(".gz") else "mutable")
        logged = run.log_artifact(artifact, aliases=list(self.aliases))
        if not getattr(run, "offline", False):
            logged.wait(UPLOAD_TIMEOUT)  # raises if the version did not arrive
