"""`envcfg calibrate RUN`: measure how often the method reports an effect in this run where there is none."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from envcfg.analysis.formatting import count_text, printable
from envcfg.cli.options import Format, Metric, Output, Run
from envcfg.cli.printing import document, lines
from envcfg.sources.load import load

if TYPE_CHECKING:
    from envcfg.analysis.effects.calibration import Calibration


def calibrate(run: Run, *, metric: Metric = None, output: Output = Format.TEXT) -> None:
    """Print how often an effect is reported where nothing changed. About 5 in 100 is right.

    Example: [bold]envcfg calibrate RUN[/]
    """
    from envcfg.analysis.effects.calibration import calibration  # noqa: PLC0415  # numpy and scipy, an extra

    history = load(run)
    found = calibration(history, metric)
    if output is Format.JSON:
        document({"format": "envcfg-calibration", "version": 1, "run": history.run, **found._asdict()})
    else:
        lines(_lines(found))


def _lines(found: "Calibration") -> Iterator[Text]:
    yield Text(
        f"False positives at 5 % in the noise of {printable(found.metric)} (autocorrelation {found.rho:.2f}, "
        f"windows of {found.side:,} points on each side)",
        "bold",
    )
    apart = f"{count_text(found.windows, 'window')} where nothing changed ({found.independent:,} without overlap)"
    yield Text(f"  {found.found:6.1%}  envcfg, in {apart}")
    yield Text(f"  {found.simulated:6.1%}  envcfg, in 2,000 simulated series of the same length and autocorrelation")
    yield Text(f"  {found.welch:6.1%}  Welch's t-test, in the same windows", "dim")
    if found.inflation > 1:
        wider = f"{found.inflation**0.5:.2f} times as wide"
        yield Text(f"The windows vary more than the model expects, so intervals are {wider}.")
    if found.independent < 20:
        few = count_text(found.independent, "independent window")
        yield Text(f"With {few}, the first number is rough. Use the second.", "yellow")
