"""What people write to name something on the W&B server, as values; no network, and nothing of W&B's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from envcfg.core.errors import SourceError

PREFIX: Final = "wandb:"
WANDB_FOLDER: Final = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-(?P<id>.+)")
"""What W&B calls the folder of a run on a disk."""
_DATED: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[_T]\d{2}-\d{2}-\d{2})?|\d{2}-\d{2}-\d{2}")
"""What Hydra calls folders, unless it is told otherwise: a date, a time."""

Kind = Literal["run", "artifact", "project", "sweep"]

_NAME: Final = r"(\w[\w.~@+= -]*)"
"""One part of an address: what W&B lets people name things, and nothing that leads elsewhere on a disk."""
_PATHS: Final[Mapping[Kind, str]] = {
    "sweep": f"{_NAME}/{_NAME}/sweeps/{_NAME}",
    "artifact": rf"{_NAME}/{_NAME}/(\w[\w.-]*:\w[\w.-]*)",
    "run": f"{_NAME}/{_NAME}/(?:runs/)?{_NAME}",
    "project": f"{_NAME}/{_NAME}",
}
_PAGES: Final[Mapping[Kind, str]] = {
    "run": f"/{_NAME}/{_NAME}/runs/{_NAME}(?:/.*)?",
    "sweep": f"/{_NAME}/{_NAME}/sweeps/{_NAME}(?:/.*)?",
    "artifact": rf"/{_NAME}/{_NAME}/artifacts/[^/]+/(\w[\w.-]*)/(\w[\w.-]*)(?:/.*)?",
    "project": f"/{_NAME}/{_NAME}(?:/(?:workspace|table|overview))?/?",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A run, an artifact version (`name:alias`), a sweep, or a whole project, where *name* is empty."""

    kind: Kind
    entity: str
    project: str
    name: str = ""
    host: str | None = None
    """The host of the page that was given; None where a path was."""
    is_bare: bool = False
    """Whether a path without `wandb:` was given, which may be that of a folder too."""

    def __str__(self) -> str:
        parts = (self.entity, self.project, "sweeps" if self.kind == "sweep" else "", self.name)
        return "/".join(part for part in parts if part)


def address(text: str) -> Address | None:
    """What *text* names on the server: `wandb:` and a path, the address of a page, or a bare `entity/project/run`.

    None for what is rather a place on this disk: `./a/b/c` and the like, a path with a date or a time in it as Hydra
    makes them, or a bare path that exists here, or whose first folder does. Raises `SourceError` for a `wandb:` path or
    a page that names nothing which could be read.
    """
    if text.startswith(PREFIX):
        return _required(text, _matched(_PATHS, text.removeprefix(PREFIX)))
    if re.match(r"https?://", text):
        return _required(text, _page(text))
    found = _matched(_PATHS, text)
    if found is None or found.kind not in ("run", "artifact") or is_of_a_disk(text):
        return None
    return None if _is_here(found.entity) or _is_here(text) else replace(found, is_bare=True)


def is_of_a_disk(text: str) -> bool:
    """Whether a part of a path is named as Hydra and W&B name folders."""
    return any(_DATED.fullmatch(part) or WANDB_FOLDER.fullmatch(part) for part in text.split("/"))


def _required(text: str, found: Address | None) -> Address:
    if found is None:
        raise SourceError(
            f"{text}: expected wandb:entity/project/run_id, wandb:entity/project, wandb:entity/project/sweeps/id, "
            "wandb:entity/project/artifact:alias, or the address of a page of one of them"
        )
    return found


def _is_here(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # longer than a name can be, or with a zero in it
        return False


def _page(text: str) -> Address | None:
    try:
        url = urlsplit(text)
        return _matched(_PAGES, unquote(url.path), url.hostname)
    except ValueError:  # no host can be in it
        return None


def _matched(patterns: Mapping[Kind, str], text: str, host: str | None = None) -> Address | None:
    for kind, pattern in patterns.items():
        match = re.fullmatch(pattern, text)
        if match:
            entity, project, *name = match.groups()
            return Address(kind, entity, project, ":".join(name), host)
    return None
