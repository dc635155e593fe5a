"""Files that a command writes: whole or not at all, and a refusal is a sentence."""

import os
import secrets
from pathlib import Path

from envcfg.core.errors import EnvcfgError


def write(path: Path, content: str | bytes) -> Path:
    """Write *content* to *path*, making its folder; raises `EnvcfgError` where that cannot be."""
    if isinstance(content, str):
        content = content.encode("utf-8", "backslashreplace")  # a name may hold half a surrogate pair
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # a device or a pipe; of a folder, the refusal
        else:
            _replace(path, content)
    except OSError as error:
        raise EnvcfgError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def _replace(path: Path, content: bytes) -> None:
    """Beside the file first: a full disk leaves the one that was there. A link stays one."""
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
