"""The checks of `envcfg doctor` on the sessions of a run, and on whether it is whole."""

from collections.abc import Iterable, Iterator

from envcfg.analysis.run.sessions import beside_text, restart_sentences, two_writers_text
from envcfg.cli import remedies
from envcfg.cli.finding import Finding, State
from envcfg.core.code import Code
from envcfg.history.history import History
from envcfg.history.recording import INCOMPLETE


def of_part(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings on a part of a run: nothing of it is said to be ok."""
    for finding in findings:
        yield finding._replace(state=State.NOTE) if finding.state is State.GOOD else finding


def sessions(history: History) -> Iterator[Finding]:
    """Name restarts with other overrides, other runs in the folder, and those that wrote at the same time."""
    for sentence in restart_sentences(history):
        yield Finding("Restart", State.NOTE, sentence)
    for other in history.others:
        if other.is_concurrent:
            said, todo = two_writers_text(history, other), remedies.of(Code.TWO_WRITERS)
            yield Finding("Two writers", State.WRONG, said, todo, Code.TWO_WRITERS)
        else:
            todo = remedies.of(Code.OTHER_RUN)
            yield Finding("Other run", State.NOTE, beside_text(other), todo, Code.OTHER_RUN)
    for note in history.notes:
        yield Finding("Source", State.NOTE, note, code=note.code)


def ending(history: History, where: str) -> Finding:
    """How the run ended."""
    match history.status:
        case "cut off":
            said = "no ending was written: the run was killed, or is still running"
            return Finding("Ending", State.NOTE, said, f"envcfg watch {where}, to see whether it continues")
        case status if status == INCOMPLETE:
            return Finding("Ending", State.WRONG, "a part of the recording is missing")
        case status:
            return Finding("Ending", State.GOOD, status)
