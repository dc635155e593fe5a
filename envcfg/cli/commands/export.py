"""`envcfg export RUN TABLE -o FILE`: write a run as tables for other tools."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from envcfg.analysis.documents.answers import history_json
from envcfg.cli.files import write, write_each
from envcfg.cli.named_runs import named_runs
from envcfg.cli.options import Invariant, Metric, Params, Role, Run, WhichRole, loaded
from envcfg.core.errors import EnvcfgError, MissingExtraError
from envcfg.core.selection import warn
from envcfg.history.history import History


class What(StrEnum):
    """The tables, and the whole history."""

    CHANGES = "changes"
    PARAMETERS = "parameters"
    IN_FORCE = "in_force"
    TASKS = "tasks"
    DRAWS = "draws"
    CONFIGS = "configs"
    METRICS = "metrics"
    OSCILLATIONS = "oscillations"
    EFFECTS = "effects"
    HISTORY = "history"


class FileFormat(StrEnum):
    """The file format of a table."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def export(
    run: Run,
    what: Annotated[
        What | None,
        typer.Argument(
            metavar="[TABLE]",
            help="changes (a row for each key that changed in a slot), parameters (a row for each change) and in_force "
            "(a row for each step with a change), both with each parameter over the living slots, tasks, draws (of a "
            "randomised environment, by epoch), configs, metrics, oscillations (keys that go back and forth), effects "
            "(of one run, or pooled over the runs of a sweep), or history (everything, as JSON). By default every "
            "table but effects.",
            show_default=False,
        ),
    ] = None,
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="PATH", help="The file to write, or the folder for every table.")
    ] = Path(),
    file_format: Annotated[
        FileFormat | None, typer.Option("--format", help="The file format. By default that of the suffix, or csv.")
    ] = None,
    param: Params = None,
    metric: Metric = None,
    invariant: Invariant = False,
    role: Role = WhichRole.TRAIN,
) -> None:
    """Write a run as CSV, JSON or Parquet. CSV cells are escaped, so spreadsheets do not run them as formulas.

    Examples: [bold]envcfg export RUN changes -o changes.parquet[/] · [bold]envcfg export RUN -o tables[/] ·
    [bold]envcfg export RUN history -o run.json[/]
    """
    if what is What.EFFECTS:
        path = output if output.suffix else output / f"{what}.{file_format or 'csv'}"
        write(path, _effects(run, file_format or _format_of(path), metric, invariant=invariant))
        typer.echo(f"{what}: {path}", err=True)
        return
    history = loaded(run, role)
    if what is None:
        _write_all(history, output, file_format or FileFormat.CSV, param)
        return
    if param and what not in (What.PARAMETERS, What.IN_FORCE):
        warn(f"--param applies to {What.PARAMETERS} and {What.IN_FORCE} only; {what} is written with all columns")
    path = output if output.suffix else output / f"{what}.{file_format or ('json' if what is What.HISTORY else 'csv')}"
    written = file_format or _format_of(path)
    if what is What.HISTORY:
        if written is not FileFormat.JSON:
            raise EnvcfgError(
                f"history is written as JSON, not {written}: name one table, or a file that ends in .json"
            )
        content = json.dumps(history_json(history), allow_nan=False).encode()
    else:
        content = _content(history, what, written, param)
    write(path, content)
    typer.echo(f"{what}: {path}", err=True)


def _write_all(history: History, folder: Path, file_format: FileFormat, params: list[str] | None) -> None:
    contents = {
        f"{what}.{file_format}": partial(_content, history, what, file_format, params)
        for what in What
        if what not in (What.HISTORY, What.EFFECTS)
    }
    for path in write_each(folder, contents):
        typer.echo(f"{path.stem}: {path}", err=True)


def _format_of(path: Path) -> FileFormat:
    try:
        return FileFormat(path.suffix.removeprefix("."))
    except ValueError:
        raise EnvcfgError(f"{path}: expected a file that ends in .csv, .json or .parquet; or add --format") from None


def _effects(run: str, file_format: FileFormat, metric: str | None, *, invariant: bool) -> bytes:
    tables, writers = _tables()
    runs = named_runs([run])
    if len(runs) == 1:
        return writers[file_format](tables.effect_estimates(runs[0].history, metric, invariant=invariant))
    return writers[file_format](tables.pooled_estimates([each.history for each in runs], metric, invariant=invariant))


def _tables() -> tuple[Any, Mapping[FileFormat, Callable[[Any], bytes]]]:
    """The module of the tables, and the function that writes each format."""
    try:
        from envcfg import tables  # noqa: PLC0415  # heavy, and an extra
        from envcfg.tables import files  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("a table", extra="tables") from error
    return tables, {
        FileFormat.CSV: files.csv_bytes,
        FileFormat.JSON: files.json_bytes,
        FileFormat.PARQUET: files.parquet_bytes,
    }


def _content(history: History, what: What, file_format: FileFormat, params: list[str] | None) -> bytes:
    tables, writers = _tables()
    makers: Mapping[What, Callable[[], Any]] = {
        What.CHANGES: lambda: tables.changes(history),
        What.PARAMETERS: lambda: tables.parameters(history, params),
        What.IN_FORCE: lambda: tables.in_force(history, params),
        What.TASKS: lambda: tables.tasks(history),
        What.DRAWS: lambda: tables.draws(history),
        What.CONFIGS: lambda: tables.configs(history),
        What.METRICS: lambda: tables.metrics(history),
        What.OSCILLATIONS: lambda: tables.oscillations(history),
    }
    return writers[file_format](makers[what]())
