"""The git commit of the recorded program, and whether files of it were modified. It never delays a training for long.

`git` runs without hooks, locks, prompts and the network. A file system that does not answer costs `LIMIT` seconds once.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

LIMIT: Final = 1.0
"""In seconds, for everything together."""
_HASH: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST: Final = 1 << 22
"""The most bytes of a file that are read."""
_STATUS: Final = (
    *("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"),
    *("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"),
)


class Commit(NamedTuple):
    """What the files of a program are: a commit, and whether tracked files differ from it. None if not known."""

    hash: str | None = None
    is_modified: bool | None = None


def program_commit() -> Commit:
    """The commit of the folder of the running program, or else of the working directory. It is read once a process."""
    return _within_limit(_folders())


def _folders() -> tuple[Path, ...]:
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    found = [Path(main).absolute().parent] if isinstance(main, str) else []
    with suppress(OSError):  # the working directory was removed
        found.append(Path.cwd())
    return tuple(found)


@lru_cache(maxsize=8)
def _within_limit(folders: tuple[Path, ...]) -> Commit:
    found = [Commit()]

    def read() -> None:
        for commit in _read(folders):
            found[0] = commit

    thread = Thread(target=read, daemon=True, name="envcfg-commit")
    thread.start()
    thread.join(LIMIT)
    return found[0]


def _read(folders: tuple[Path, ...]) -> Iterator[Commit]:
    """The commit as soon as it is known, and then again with the state of its files."""
    for folder in folders:
        repository = next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)
        head = None if repository is None else _head(repository / ".git")
        if repository is not None and head is not None:
            yield Commit(head)
            yield Commit(head, _is_modified(repository))
            return


def _head(place: Path) -> str | None:
    """The hash of HEAD. In a worktree or a submodule, `.git` is a file that names the folder."""
    try:
        if place.is_file():
            place = place.parent / _text(place).removeprefix("gitdir:").strip()
        shared = place / "commondir"
        common = place / _text(shared).strip() if shared.is_file() else place
        name = _text(place / "HEAD").strip()
        if not name.startswith("ref:"):
            return _hash(name)
        ref = name.removeprefix("ref:").strip()
        loose = [_text(root / ref) for root in (place, common) if (root / ref).is_file()]
        return _hash(loose[0].strip()) if loose else _packed(common / "packed-refs", ref)
    except (OSError, ValueError):
        return None


def _packed(place: Path, ref: str) -> str | None:
    lines = (line.split(" ") for line in _text(place).splitlines()) if place.is_file() else ()
    return next((_hash(line[0]) for line in lines if line[1:] == [ref]), None)


def _hash(text: str) -> str | None:
    return text if _HASH.fullmatch(text) else None


def _text(place: Path) -> str:
    with place.open("rb") as file:
        return file.read(_MOST).decode()


def _is_modified(repository: Path) -> bool | None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # `git` of the user's PATH, with fixed arguments
            _STATUS,
            cwd=repository,
            env={**kept, **quiet},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return bool(done.stdout.strip()) if done.returncode == 0 else None
