"""The key of the tags that replace secrets. A tag shows that a secret changed, but nothing about the secret.

The key is in the user's configuration directory, readable by the user only, and never in a journal. Without the key,
nobody can check a guess of a secret against a tag.
"""

import os
from functools import cache
from pathlib import Path
from typing import Final

_SIZE: Final = 32


@cache
def key() -> bytes:
    """The key of the user, created at its first use; if it cannot be stored, a key for this process only."""
    made = os.urandom(_SIZE)
    try:
        return _kept(_place(), made)
    except (OSError, RuntimeError):  # there is no home directory, or it is read-only
        return made


def _place() -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(configured) if configured.startswith("/") else Path.home() / ".config"
    return base / "envcfg" / "key"


def _kept(path: Path, made: bytes) -> bytes:
    """The key in *path*, after writing *made* there if the file is missing.

    If several processes do this at once, all of them get the same key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_name(f"key.{os.getpid()}")
        file = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(file, made)
        finally:
            os.close(file)
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    found = path.read_bytes()
    return found if len(found) == _SIZE else made
