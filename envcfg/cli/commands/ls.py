"""`envcfg ls [FOLDER]`: list the recorded runs below a folder, the newest last."""

from typing import Annotated, Any, Final

import typer
from rich.text import Text

from envcfg.analysis.formatting import duration_text, printable, time_text
from envcfg.cli.named_runs import print_unread
from envcfg.cli.options import Format, Output
from envcfg.cli.printing import document, table
from envcfg.cli.progress import counting
from envcfg.core.errors import SourceError
from envcfg.sources.finding import found_runs
from envcfg.sources.listing import ListedRun, listed
from envcfg.sources.nearby import no_such_folder, path_of

NOTHING: Final = "start a job with hydra/callbacks=env_config, name another folder, or try: envcfg demo"
STYLES: Final = {
    "completed": "green",
    "failed": "red",
    "interrupted": "yellow",
    "incomplete": "red",
    "unreadable": "red",
}


def ls(
    folder: Annotated[
        str, typer.Argument(metavar="[FOLDER]", help="The folder to look in. By default the working folder.")
    ] = ".",
    *,
    output: Output = Format.TEXT,
) -> None:
    """List the recorded runs below a folder, the newest last: jobs of Hydra, W&B run folders, journals.

    Examples: [bold]envcfg ls[/] · [bold]envcfg ls multirun/2026-11-23[/]
    """
    found = runs_below(folder)
    if output is Format.JSON:
        document({"format": "envcfg-runs", "version": 1, "runs": [_json(run) for run in found]})
        return
    if not found:
        raise SourceError(f"no recorded run was found below {folder}: {NOTHING}")
    print_runs(found)


def runs_below(folder: str) -> list[ListedRun]:
    """The runs below *folder* in order of their beginning. Each unreadable one is reported on stderr."""
    path = path_of(folder)
    if not path.is_dir():
        raise SourceError(no_such_folder(path))
    places = list(found_runs(path))
    found: list[ListedRun] = []
    with counting("Reading runs") as progress:
        for count, place in enumerate(places, start=1):
            found += listed(place)
            progress(count, len(places))
    print_unread([run.problem for run in found if run.problem])
    return sorted(found, key=lambda run: (run.began or 0.0, str(run.place)))


def print_runs(found: list[ListedRun]) -> None:
    """Print a line for each run."""
    right = {"changes", "last reward", "duration"}
    heads = ("run", "began", "status", "curriculum", "changes", "last reward", "duration")
    table([(head, "right" if head in right else "left") for head in heads], map(_row, found))


def _row(run: ListedRun) -> list[str | Text]:
    status = "running or killed" if run.status == "cut off" else run.status
    return [
        Text(printable(str(run.place)), "bold"),
        "" if run.began is None else time_text(run.began)[:-3],
        Text(status, STYLES.get(run.status, "")),
        printable(run.curriculum or ""),
        "" if run.changes is None else f"{run.changes:,}",
        "" if run.reward is None else f"{run.reward.value:.4g}",
        "" if run.duration is None else duration_text(run.duration),
    ]


def _json(run: ListedRun) -> dict[str, Any]:
    return {
        "run": str(run.place),
        "began": run.began,
        "duration": run.duration,
        "status": run.status,
        "curriculum": run.curriculum,
        "changes": run.changes,
        "last_reward": None if run.reward is None else run.reward._asdict(),
        "problem": run.problem,
    }
