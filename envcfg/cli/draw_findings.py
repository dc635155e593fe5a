"""The checks of `envcfg doctor` of a randomised environment: whether its parameters are drawn as they should be."""

from collections.abc import Iterator

from envcfg.analysis.run.draw_fit import problems
from envcfg.analysis.run.draw_rows import draws_sentence
from envcfg.cli.finding import Finding, State
from envcfg.history.history import History


def draws(history: History, where: str) -> Iterator[Finding]:
    """Report what was drawn. A parameter that never moves, or not as stated, is probably not meant to."""
    drawn = draws_sentence(history)
    if drawn:
        yield Finding("Draws", State.GOOD, drawn)
    for problem in problems(history):
        todo = f"envcfg draws {where} --param {problem.name}; correct the range where the environment draws it"
        yield Finding("Draws", State.WRONG, f"{problem.name} {problem.text}", todo)
