"""The page that a run can log to W&B when it ends: a report on the run's folder."""

from pathlib import Path

from envcfg.core.errors import MissingExtraError


def run_page(folder: Path, status: str) -> str:
    """Return the report on the run in *folder* as HTML. Raises `MissingExtraError` without the extra `figures`.

    *status* is the status of the W&B run, such as `finished`. The journal gets its own ending only after the page, so
    a finished run counts as completed here.

    Example: `wandb_sinks(page=run_page)`
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
