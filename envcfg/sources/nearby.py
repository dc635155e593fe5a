"""The error text for a path that does not exist, with the working folder and the nearest names."""

from os import PathLike
from pathlib import Path
from typing import Final

from envcfg.core.selection import nearest

_SOME: Final = 8
_LONGEST: Final = 500
"""The most characters of a path that are shown."""


def path_of(where: str | PathLike[str]) -> Path:
    """*where* as a path, with `~` replaced by the home folder."""
    try:
        return Path(where).expanduser()
    except RuntimeError:  # there is no such user
        return Path(where)


def no_such_folder(path: Path) -> str:
    """`runs/14-00-01: no such folder (the working folder is /home/me); the nearest name is runs/14-00-00`"""
    return f"{str(path)[:_LONGEST]}: no such folder{nearby(path)}"


def nearby(path: Path) -> str:
    """Return the end of the message: the working folder if *path* is relative, and the names nearest to it."""
    try:
        looked = "" if path.is_absolute() else f" (the working folder is {Path.cwd()})"
        missing = path
        while not missing.parent.is_dir() and missing != missing.parent:
            missing = missing.parent
        return f"{looked}{_neighbours(missing)}"
    except OSError:  # a folder that may not be listed, or a name that is too long
        return ""


def _neighbours(missing: Path) -> str:
    beside = missing.parent
    names = sorted(one.name for one in beside.iterdir() if one.is_dir() and not one.name.startswith("."))
    close = [str(beside / name) for name in nearest(missing.name, names)]
    if close:
        return f"; the nearest {'name is' if len(close) == 1 else 'names are'} {', '.join(close)}"
    more = f" and {len(names) - _SOME:,} more" if len(names) > _SOME else ""
    where = "it" if beside == Path() else beside
    return f"; {where} contains {', '.join(names[:_SOME])}{more}" if names else ""
