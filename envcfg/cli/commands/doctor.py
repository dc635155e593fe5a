"""`envcfg doctor [WHERE]`: check the installation, a run or an app, and print what to type about each problem."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.formatting import printable
from envcfg.cli import findings
from envcfg.cli.finding import Finding, State
from envcfg.cli.options import Format, Output
from envcfg.cli.printing import document, lines
from envcfg.cli.secret_scan import secrets
from envcfg.sources.named import named

_SIGNS = {State.GOOD: ("ok   ", "green"), State.NOTE: ("note ", "yellow"), State.WRONG: ("WRONG", "bold red")}


def doctor(
    where: Annotated[
        str | None, typer.Argument(metavar="[WHERE]", help="A run, or a Hydra app such as train.py.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Argument(help="The overrides that you start the app with.", metavar="[OVERRIDE]...")
    ] = None,
    *,
    output: Output = Format.TEXT,
) -> None:
    """Check the installation and W&B, whether a run is complete, and whether an app turns the callback on.

    The exit status is 1 if anything is wrong. To read the config of an app, doctor imports the app but trains nothing.

    Examples: [bold]envcfg doctor[/] · [bold]envcfg doctor outputs/2026-11-23/14-00-00[/] ·
    [bold]envcfg doctor train.py hydra/callbacks=env_config[/]
    """
    found = list(_findings(None if where is None else named(where), overrides or []))
    if output is Format.JSON:
        document({"format": "envcfg-doctor", "version": 1, "findings": [finding._asdict() for finding in found]})
    else:
        lines(line for finding in found for line in _lines(finding))
    raise typer.Exit(int(any(finding.state is State.WRONG for finding in found)))


def _findings(where: str | None, overrides: list[str]) -> Iterator[Finding]:
    yield from findings.installation()
    yield from findings.wandb_service()
    yield from findings.tag_key()
    if where is None:
        return
    if Path(where).suffix == ".py":
        yield from findings.app(Path(where), overrides)
        return
    yield from findings.run(where)
    if Path(where).is_dir():
        yield from secrets(Path(where))


def _lines(finding: Finding) -> Iterator[Text]:
    sign, style = _SIGNS[finding.state]
    yield Text.assemble((sign, style), f"  {finding.what}: {printable(finding.said)}")
    if finding.todo:
        yield Text(f"       → {finding.todo}", "bold")
