"""Replaces a file as a whole: it has its old content or its new one, also after a kill or on a full disk."""

import os
import secrets
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write *content* to a new file beside *path*, and rename it to *path*. A link stays a link.

    Raises `OSError` if that fails. Then the old file is unchanged, and the new one is removed.
    """
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
