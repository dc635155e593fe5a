"""Tells a recording of one's own from one that somebody else made, before a recorded command is started again."""

import json
from collections.abc import Sequence
from hashlib import blake2b

from envcfg.tracking.redaction.key import key


def signature(overrides: Sequence[str]) -> str:
    """A keyed digest of a job's overrides. Only the user who has the same `key` can make it or check it."""
    return blake2b(
        json.dumps(list(overrides)).encode(), digest_size=16, key=key(), person=b"envcfg-overrides"
    ).hexdigest()
