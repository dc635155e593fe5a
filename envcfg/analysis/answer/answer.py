"""The answer about a run, for Python, the command line, the report and the page on W&B."""

from envcfg.analysis.answer.measurements import measurements
from envcfg.analysis.answer.paragraph import Answer, paragraph
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice


def answer(history: History, metric: MetricChoice = None) -> Answer:
    """What happened in a run: its stages, where the metric ended, the largest movement, and what is wrong.

    *metric* is a name or a `Series`; by default the run's reward. `str(answer(history))` is one paragraph. A notebook
    shows it. Raises `SourceError` if the run did not log the metric that was asked for.

    >>> from envcfg import answer, load, sample
    >>> answer(load(sample("forage"))).reward
    'The metric reward ended at 0.772 (mean of the last 48 of 480 points).'
    """
    return paragraph(history, measurements(history, metric))
