"""The arguments and options that several commands share."""

import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from envcfg.analysis.formatting import count_text, printable
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.history.adoptions import Place
from envcfg.history.history import History
from envcfg.history.queries.moments import MOMENTS
from envcfg.sources.load import load
from envcfg.sources.named import named


class Format(StrEnum):
    """The output format of a command."""

    TEXT = "text"
    JSON = "json"


class WhichRole(StrEnum):
    """The environments that a command asks about."""

    TRAIN = "train"
    EVAL = "eval"
    ALL = "all"


def _named(run: str | None) -> str | None:
    return None if run is None else named(run)


def _all_named(runs: list[str] | None) -> list[str] | None:
    return None if runs is None else list(map(named, runs))


def a_run(said: str, *, metavar: str = "RUN") -> Any:
    """An argument that names a run, in any of the ways that `named` knows."""
    return typer.Argument(metavar=metavar, help=said, callback=_named)


def some_runs(said: str, *, metavar: str = "RUN...") -> Any:
    """An argument that names several runs."""
    return typer.Argument(metavar=metavar, help=said, callback=_all_named)


Run = Annotated[
    str,
    a_run(
        "A Hydra output folder, a journal, an offline W&B run folder, env_config_history.json, or a run on the W&B"
        " server: entity/project/run_id, or the address of its page. wandb:... always means the server, and ./... a"
        " folder. Below the working folder, the beginning of a name is enough, and last means the newest run.",
    ),
]
Moment = Annotated[
    str | None, typer.Argument(metavar="[MOMENT]", help=f"When: {MOMENTS}. By default the end of the run.")
]
Output = Annotated[Format, typer.Option("--format", help="Print text, or JSON for other programs.")]
Params = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY", help="Only this dotted key, or the keys that a glob matches. Can be repeated."),
]
Metric = Annotated[str | None, typer.Option(metavar="NAME", help="The metric. By default the run's reward.")]
MetricPlaces = Annotated[
    list[str] | None,
    typer.Option(
        "--metrics",
        metavar="PLACE",
        help="Where the metrics are: a file, a folder, mlflow:RUN_ID or trackio:PROJECT/RUN. By default"
        " W&B's log and the folder of the run. Can be repeated.",
    ),
]
Invariant = Annotated[
    bool,
    typer.Option("--invariant", help="The metric means the same under every config. Test also changes of its scale."),
]
DrawnMetric = Annotated[str | None, typer.Option(metavar="NAME", help="The metric to draw. By default the reward.")]
Slot = Annotated[int | None, typer.Option(metavar="N", help="Ask about this slot, not about all living slots.")]
Rank = Annotated[int | None, typer.Option(metavar="N", help="The rank of that slot. By default 0.")]
Worker = Annotated[
    int | None, typer.Option(metavar="N", help="The worker of that slot, if several used its number at the same time.")
]
Role = Annotated[
    WhichRole,
    typer.Option(help="The environments to ask about: those of the training, those that evaluate, or all."),
]

_MOMENT: Final = re.compile(r"\d+|first|last|(epoch|change):\d+|time:.+")


def is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None


def place(slot: int | None, rank: int | None, worker: int | None) -> Place | None:
    if slot is not None:
        return Place(rank or 0, worker or 0, slot)
    if rank is not None or worker is not None:
        raise EnvcfgError("--rank and --worker need a slot: add --slot N")
    return None


def loaded(run: str, role: WhichRole, *, metrics: Sequence[str] | None = None) -> History:
    """Load the environments of *run* with this role. Evaluation environments that are left out are told on stderr.

    *metrics* says where the metrics are.
    """
    history = load(run, metrics=metrics or ())
    evaluation = history.of_role("eval")
    if role is WhichRole.EVAL and not evaluation.adoptions:
        raise SourceError(f'run {history.run} recorded no evaluation environment (role="eval")')
    if role is WhichRole.TRAIN and evaluation.adoptions:
        typer.echo(f"envcfg: run {printable(history.run)}: {left_out(evaluation)}", err=True)
    return history.of_role(role.value)


def left_out(evaluation: History) -> str:
    """A sentence about the evaluation environments, which are not counted."""
    slots, records = len(evaluation.adoptions.places), len(evaluation.adoptions)
    said = f"{count_text(slots, 'evaluation slot')} with {count_text(records, 'record')}"
    return f"{said} {'is' if slots == 1 else 'are'} left out (--role eval, or --role all)"


def point(text: str, role: WhichRole) -> tuple[History, str]:
    """Parse `RUN@MOMENT`. A plain `RUN` means the end of the run."""
    run, at, moment = text.rpartition("@")
    if Path(text).exists() or not at or not is_moment(moment):
        return loaded(named(text), role), "last"
    return loaded(named(run), role), moment


def one_moment(moment: str | None, **named: int | str | None) -> str:
    """Return the given moment, from the argument or from an option such as `epoch=4`. By default it is the end."""
    given = [value if kind == "step" else f"{kind}:{value}" for kind, value in named.items() if value is not None]
    given += [] if moment is None else [moment]
    if len(given) > 1:
        raise EnvcfgError(f"name one moment, not {' and '.join(map(str, given))}")
    return str(given[0]) if given else "last"
