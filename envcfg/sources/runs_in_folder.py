"""The runs in one folder. Jobs that share a folder are several runs."""

from pathlib import Path

from envcfg.core.errors import EnvcfgError
from envcfg.journal.folder import segments
from envcfg.journal.others import writer_of
from envcfg.sources.folders import find_journal
from envcfg.sources.journal import run_ids
from envcfg.sources.run_address import RunAddress


def addresses(place: Path) -> list[RunAddress]:
    """The address of each run in the folder *place*; *place* alone if it has one run, or none that can be read."""
    try:
        ids = _ids(find_journal(place))
    except (EnvcfgError, OSError):  # `load` says why
        return [RunAddress(place)]
    return [RunAddress(place, run) for run in ids] if len(ids) > 1 else [RunAddress(place)]


def _ids(journal: Path) -> list[str]:
    """The ids of the runs in a journal. The records of a journal with one session are not read."""
    listed = segments(journal)
    sessions = {found.session for one in listed if (found := writer_of(journal, one)) and not found.worker}
    return run_ids(journal) if len(sessions) > 1 else []
