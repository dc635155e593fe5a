"""Finds the run that a short name means: `last`, or the beginning of a run's name, below the working folder."""

from glob import has_magic
from pathlib import Path
from typing import Final

from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.journal.folder import segments
from envcfg.journal.reading import read_segment
from envcfg.sources.finding import found_runs
from envcfg.sources.folders import find_journal
from envcfg.sources.nearby import path_of
from envcfg.sources.wandb.address import address

LAST: Final = "last"
"""The name of the run that began last."""
_SOME: Final = 8
"""The most candidates that an error lists."""


def named(text: str, *, below: Path = Path()) -> str:
    """The path of the run that *text* means. A path that exists, a glob and an address are returned unchanged.

    `last` is the run that began last. Otherwise *text* is a run's path below the folder *below*, or the end of its
    path, or the beginning of either. Returns *text* if it means no run. Raises `SourceError` if it means several.
    """
    if not text or path_of(text).exists() or has_magic(text) or address(text) is not None or _is_a_path(text):
        return text
    runs = list(found_runs(below))
    if text == LAST:
        if not runs:
            raise SourceError(f"there is no last run: no recorded run was found below {below.absolute()}")
        return str(max(runs, key=began))
    names = {run: run.relative_to(below).as_posix() for run in runs}
    equal = [run for run, name in names.items() if f"/{name}".endswith(f"/{text}")]
    found = equal or [run for run, name in names.items() if f"/{name}".find(f"/{text}") >= 0]
    if len(found) > 1:
        more = f" and {len(found) - _SOME:,} more" if len(found) > _SOME else ""
        raise SourceError(
            f"{text} means {len(found):,} runs: {', '.join(map(str, sorted(found)[:_SOME]))}{more}; type more of one"
        )
    return str(found[0]) if found else text


def is_a_run(text: str) -> bool:
    """Whether *text* means a run, or is the path or the address of one: not only a word."""
    return "/" in text or text.startswith("~") or path_of(text).exists() or named(text) != text or _is_address(text)


def began(run: Path) -> float:
    """When the run in this folder began, in seconds since the Unix epoch; 0 if it cannot be read."""
    try:
        journal = find_journal(run)
        return read_segment(journal, segments(journal)[0], {}).header.time
    except (EnvcfgError, OSError):
        return 0.0


def _is_address(text: str) -> bool:
    return address(text) is not None


def _is_a_path(text: str) -> bool:
    return text.startswith(("/", "./", "../", "~"))
