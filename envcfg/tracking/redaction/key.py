"""The key under which a secret is told from another one, without a word about either.

It lies in the user's own configuration, readable by nobody else, and never beside what is recorded: whoever has a
journal, and not the key, cannot even try out guesses.
"""

import os
from functools import cache
from pathlib import Path
from typing import Final

_SIZE: Final = 32


@cache
def key() -> bytes:
    """The user's, made when it is first needed; one of this process alone where there is no place to keep it."""
    made = os.urandom(_SIZE)
    try:
        return _kept(_place(), made)
    except (OSError, RuntimeError):  # no home, or one that cannot be written
        return made


def _place() -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(configured) if configured.startswith("/") else Path.home() / ".config"
    return base / "envcfg" / "key"


def _kept(path: Path, made: bytes) -> bytes:
    """What lies at *path*; *made*, put there, where nothing does. Of several processes that find nothing, one wins."""
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
