"""The names of the artifacts in which W&B keeps the journal of a run."""

import re
from hashlib import blake2b
from typing import Final

ARTIFACT_TYPE: Final = "environment_configs"
_LONGEST: Final = 100
"""W&B accepts names of at most 128 characters."""


def artifact_name(run_id: str) -> str:
    """The name of the artifact of a run. A changed id ends in a digest of the original, so that no two are equal."""
    clean = re.sub(r"[^A-Za-z0-9._-]", "_", run_id)[:_LONGEST]
    digest = "" if clean == run_id else f"-{blake2b(run_id.encode(), digest_size=4).hexdigest()}"
    return f"env_configs-{clean}{digest}"


def second_artifact_name(run_id: str) -> str:
    """The name if an artifact of another type has the first one."""
    return f"{artifact_name(run_id)}-envcfg"
