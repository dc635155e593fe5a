"""The key of the tags that replace secrets. A tag shows that a secret changed, but nothing about the secret.

All processes of a run must have the same key, or equal configs would look different. The key is in the user's
configuration directory, readable by the user only, and never in a journal. Without the key, nobody can check a guess of
a secret against a tag. If there is no such directory, it is in the user's folder of temporary files, and pickled
trackers take it with them.
"""

import os
import shutil
import stat
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

_SIZE: Final = 32
_MADE: Final = os.urandom(_SIZE)
"""The key of this process, if none can be stored. It is created at import, so forked processes have the same key."""


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key that another process of the run created."""

    value: bytes = field(repr=False)

    def __call__(self) -> bytes:
        """The key."""
        return self.value


@cache
def key() -> bytes:
    """The key of the user, created at its first use; if it cannot be stored, a key for this process only."""
    for place in (_configured, _temporary):
        try:
            return _stored(place())
        except (OSError, RuntimeError):  # there is no home directory, or it is read-only
            continue
    return _MADE


def is_kept() -> bool:
    """Whether the key can be stored in the user's configuration directory. Nothing is created."""
    try:
        path = _configuration() / "key"
        nearest = next(folder for folder in path.parents if folder.exists())
        return path.exists() or (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK))
    except (OSError, RuntimeError):
        return False


def _configuration() -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(configured) if configured.startswith("/") else Path.home() / ".config"
    return base / "envcfg"


def _configured() -> Path:
    folder = _configuration()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "key"


def _temporary() -> Path:
    """The place in a subfolder of the temporary files that belongs to the user and that only the user can read."""
    if not hasattr(os, "getuid"):  # on Windows, the folder of temporary files belongs to the user
        folder = Path(tempfile.gettempdir(), "envcfg-key")
        folder.mkdir(exist_ok=True)
        return folder / "key"
    folder = Path(tempfile.gettempdir(), f"envcfg-key-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        msg = f"{folder} is not a folder of this user alone"
        raise PermissionError(msg)
    return folder / "key"


def _stored(path: Path) -> bytes:
    """The key in *path*, after writing it there if the file is missing.

    If several processes do this at once, all of them get the same key.
    """
    for place in (path, path.parent / "made" / "key"):
        if place.exists():
            return _read(place)
    mine = Path(tempfile.mkdtemp(prefix="key.", dir=path.parent))
    try:
        file = os.open(mine / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(file, _MADE)
        finally:
            os.close(file)
        return _published(mine, path)
    finally:
        shutil.rmtree(mine, ignore_errors=True)


def _published(mine: Path, path: Path) -> bytes:
    """The key that all processes see, after offering the one in the folder *mine*."""
    try:
        os.link(mine / "key", path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links: the first to rename a folder wins as well
        try:
            mine.rename(path.parent / "made")
        except OSError:
            if not (path.parent / "made" / "key").exists():
                raise
        return _read(path.parent / "made" / "key")
    return _read(path)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        found = file.read(_SIZE + 1)
    if len(found) != _SIZE:
        msg = f"{path} has {len(found)} bytes, expected {_SIZE}"
        raise OSError(msg)
    return found
