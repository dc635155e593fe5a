"""Files that a command writes: whole or not at all, and a refusal is a sentence."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import typer

from envcfg.analysis.attempt import Broken, attempt, broken_text
from envcfg.analysis.formatting import printable
from envcfg.core.errors import EnvcfgError, SourceError


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


def write_each(folder: Path, contents: Mapping[str, Callable[[], str | bytes]]) -> Iterator[Path]:
    """Write files of one folder, by name; yields each path once it is written.

    A file that there is nothing for is told on standard error. One that fails costs no other file; at the end,
    raises `EnvcfgError` that names it.
    """
    broken = []
    for name, make in contents.items():
        try:
            content = attempt(name, make)
        except SourceError as nothing:  # a run may have no metrics
            typer.echo(f"No {name}: {printable(str(nothing))}", err=True)
            continue
        if isinstance(content, Broken):
            broken.append(content)
        else:
            yield write(folder / name, content)
    if broken:
        raise EnvcfgError(broken_text(broken, others=f"The other files in {folder} are whole"))


def _replace(path: Path, content: bytes) -> None:
    """Beside the file first: a full disk leaves the one that was there. A link stays one."""
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
