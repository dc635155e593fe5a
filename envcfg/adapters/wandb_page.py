"""The page that a run can log to W&B at its end: its report, written from what lies in the run's own folder."""

from pathlib import Path

from envcfg.core.errors import MissingExtraError


def run_page(folder: Path, status: str) -> str:
    """The report of the W&B run in *folder* as HTML; the figures are loaded when there is something to draw.

    An app that finishes its run ends the training with it: the journal's own ending comes later than the page.
    """
    try:
        from envcfg.figures.pages.report import report  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        raise MissingExtraError("a page in W&B", extra="figures") from error
    from envcfg.sources.load import load  # noqa: PLC0415  # a training process reads nothing before its end
    from envcfg.sources.sweep import Sweep, SweepRun  # noqa: PLC0415
    from envcfg.sources.wandb.source import ended  # noqa: PLC0415

    history = load(folder)
    if status == "finished":
        history = ended(history, "completed")
    return report(Sweep((SweepRun(history.run, history),)))
