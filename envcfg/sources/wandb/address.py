"""Parses addresses on the W&B server, without a network and without W&B's library."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from envcfg.core.errors import SourceError

PREFIX: Final = "wandb:"
WANDB_FOLDER: Final = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-(?P<id>.+)")
"""The names that W&B gives to run folders on a disk."""
_DATED: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[_T]\d{2}-\d{2}-\d{2})?|\d{2}-\d{2}-\d{2}")
"""The names that Hydra gives to folders by default: a date, or a time."""

AddressKind = Literal["run", "artifact", "project", "sweep", "group"]
SEVERAL: Final = ("project", "sweep", "group")
"""The kinds of addresses that mean several runs."""

_NO_SCHEME: Final = re.compile(r"(?:wandb\.ai/|[\w-]+(?:\.[\w-]+)+(?::\d+)?/.+/(?:runs|sweeps|groups|artifacts)/).+")
"""The address of a page as browsers show it, without `https://`."""
_NAME: Final = r"(\w[\w.~@+= -]*)"
"""One part of an address: a name that W&B allows, and that cannot lead to another folder on a disk."""
_ARTIFACT: Final = r"(env_configs-[\w.-]+)"
"""The name of an artifact of ours. Without a version, the last one is meant."""
_PATHS: Final[Mapping[AddressKind, str]] = {
    "sweep": f"{_NAME}/{_NAME}/sweeps/{_NAME}",
    "group": f"{_NAME}/{_NAME}/groups/{_NAME}",
    "artifact": rf"{_NAME}/{_NAME}/(?:(\w[\w.-]*):(\w[\w.-]*)|{_ARTIFACT})",
    "run": f"{_NAME}/{_NAME}/(?:runs/)?{_NAME}",
    "project": f"{_NAME}/{_NAME}",
}
_ABOVE: Final = r"(?:/[\w.-]+)*?"
"""The folders in which a server of one's own may be."""
_PAGES: Final[Mapping[AddressKind, str]] = {
    "run": f"{_ABOVE}/{_NAME}/{_NAME}/runs/{_NAME}(?:/.*)?",
    "sweep": f"{_ABOVE}/{_NAME}/{_NAME}/sweeps/{_NAME}(?:/.*)?",
    "group": f"{_ABOVE}/{_NAME}/{_NAME}/groups/{_NAME}(?:/.*)?",
    "artifact": rf"{_ABOVE}/{_NAME}/{_NAME}/artifacts/[^/]+/(\w[\w.-]*)(?:/(\w[\w.-]*)(?:/.*)?)?/?",
    "project": f"/{_NAME}/{_NAME}(?:/(?:workspace|table|overview))?/?",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A run, an artifact version (`name:alias`), a sweep, a group of runs, or a project, whose *name* is empty."""

    kind: AddressKind
    entity: str
    project: str
    name: str = ""
    host: str | None = None
    """The host, if the address of a page was given, or None for a path."""
    is_bare: bool = False
    """Whether a path without `wandb:` was given. It may also be the path of a folder."""

    def __str__(self) -> str:
        folder = f"{self.kind}s" if self.kind in ("sweep", "group") else ""
        parts = (self.entity, self.project, folder, self.name)
        return "/".join(part for part in parts if part)


def address(text: str) -> Address | None:
    """Parse *text* as an address: `wandb:` and a path, the address of a page, or a bare `entity/project/run`.

    Return None if *text* means a place on this disk: a path such as `./a/b/c`, a path with a date or a time, such as
    Hydra's, or a bare path that exists, or whose first folder exists. Raises `SourceError` for a `wandb:` path or a
    page of any other kind.
    """
    if text.startswith(PREFIX):
        return _required(text, _matched(_PATHS, text.removeprefix(PREFIX)))
    if re.match(r"https?://", text):
        return _required(text, _page(text))
    if _NO_SCHEME.fullmatch(text) and not _is_here(text.partition("/")[0]):
        return _required(text, _page(f"https://{text}"))
    found = _matched(_PATHS, text)
    if found is None or found.kind not in ("run", "artifact") or is_of_a_disk(text):
        return None
    return None if _is_here(found.entity) or _is_here(text) else replace(found, is_bare=True)


def is_of_a_disk(text: str) -> bool:
    """Whether a part of the path has a name that Hydra or W&B gives to folders."""
    return any(_DATED.fullmatch(part) or WANDB_FOLDER.fullmatch(part) for part in text.split("/"))


def _required(text: str, found: Address | None) -> Address:
    if found is None:
        raise SourceError(
            f"{text}: expected wandb:entity/project/run_id, wandb:entity/project, wandb:entity/project/sweeps/id, "
            "wandb:entity/project/groups/name, wandb:entity/project/artifact:alias, or the address of the page of one"
        )
    return found


def _is_here(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long, or with a null character
        return False


def _page(text: str) -> Address | None:
    try:
        url = urlsplit(text)
        return _matched(_PAGES, unquote(url.path), url.hostname)
    except ValueError:  # the host is invalid
        return None


def _matched(patterns: Mapping[AddressKind, str], text: str, host: str | None = None) -> Address | None:
    for kind, pattern in patterns.items():
        match = re.fullmatch(pattern, text)
        if match:
            entity, project, *found = match.groups()
            name = ":".join(part for part in found if part)
            return Address(kind, entity, project, f"{name}:latest" if _has_no_version(kind, name) else name, host)
    return None


def _has_no_version(kind: AddressKind, name: str) -> bool:
    return kind == "artifact" and ":" not in name
