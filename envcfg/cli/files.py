"""Writes the output files of commands. A file is written completely or not at all."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import typer

from envcfg.analysis.attempt import Broken, attempt, broken_text
from envcfg.analysis.formatting import printable
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.core.whole_file import replace_file


def write(path: Path, content: str | bytes) -> Path:
    """Write *content* to *path* and make its folder. Raises `EnvcfgError` if the file cannot be written."""
    if isinstance(content, str):
        content = content.encode("utf-8", "backslashreplace")  # a name may contain half a surrogate pair
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # a device or a pipe; a folder raises an error
        else:
            replace_file(path, content)
    except OSError as error:
        raise EnvcfgError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def write_each(folder: Path, contents: Mapping[str, Callable[[], str | bytes]]) -> Iterator[Path]:
    """Write the files of one folder, by name. Yields each path after it is written.

    A file without content is reported on standard error. If a file fails, the others are still written. At the end,
    an `EnvcfgError` names the files that failed.
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
        raise EnvcfgError(broken_text(broken, others=f"The other files in {folder} are complete"))
