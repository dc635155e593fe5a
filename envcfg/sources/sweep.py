"""Loads the runs of a sweep, each with its overrides and its job config."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from glob import glob, has_magic
from html import escape
from os import PathLike
from pathlib import Path
from typing import Final, TypeAlias, overload

from envcfg.core.code import Code, Coded
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.core.tree import Config
from envcfg.history.history import History
from envcfg.sources.folders import run_folders
from envcfg.sources.load import load
from envcfg.sources.nearby import nearby, path_of
from envcfg.sources.run_address import SHOWN
from envcfg.sources.runs_in_folder import addresses
from envcfg.sources.wandb.address import SEVERAL, address
from envcfg.sources.wandb.client import ServerRun
from envcfg.sources.wandb.runs import ProgressCallback, ReadResult, read_runs, wandb_runs

_SHOWN: Final = 20

Where: TypeAlias = str | PathLike[str]
SEEDS: Final = ("seed", "random_seed")
"""Keys of a job's config that may contain its seed, best first."""


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep."""

    name: str
    """The name of the run, unique within the sweep."""
    history: History

    @property
    def overrides(self) -> tuple[str, ...]:
        """The overrides of the job, in its last session."""
        return self.history.jobs[-1].overrides if self.history.jobs else ()

    @property
    def job(self) -> Config | None:
        """The composed config of the job, or None if it was not recorded."""
        digest = self.history.jobs[-1].config if self.history.jobs else None
        return None if digest is None or digest not in self.history.configs else self.history.configs[digest]

    @property
    def seed(self) -> int | None:
        """The seed of the job, or None if no key of `SEEDS` has an integer."""
        found = (self.job or {}).get(next((key for key in SEEDS if key in (self.job or {})), ""))
        return found if isinstance(found, int) and not isinstance(found, bool) else None


@dataclass(frozen=True, repr=False)
class Sweep(Sequence[SweepRun]):
    """The runs in order of their folders. `losses` has a message for each run that could not be read."""

    runs: tuple[SweepRun, ...]
    losses: tuple[Coded, ...] = field(default=())

    @overload
    def __getitem__(self, index: int) -> SweepRun: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[SweepRun, ...]: ...
    def __getitem__(self, index: int | slice) -> SweepRun | tuple[SweepRun, ...]:
        return self.runs[index]

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[SweepRun]:
        return iter(self.runs)

    def __repr__(self) -> str:
        unread = f", {len(self.losses):,} unread" if self.losses else ""
        return f"<Sweep of {len(self.runs):,} runs{unread}: {_statuses(self.runs)}>"

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="text-align:left">{name}</th>' for name in ("run", "status", "changes", "overrides"))
        rows = "".join(
            f"<tr><td>{escape(run.name)}</td><td>{run.history.status}</td><td>{len(run.history.changes):,}</td>"
            f'<td style="text-align:left">{escape(" ".join(run.overrides))}</td></tr>'
            for run in self.runs[:_SHOWN]
        )
        more = f"<p>and {len(self.runs) - _SHOWN:,} more</p>" if len(self.runs) > _SHOWN else ""
        unread = "".join(f"<p>Not read: {escape(loss)}</p>" for loss in self.losses[:_SHOWN])
        return f"<div><strong>{escape(repr(self))}</strong><table><tr>{head}</tr>{rows}</table>{more}{unread}</div>"


def load_sweep(where: Where | Iterable[Where], *, progress: ProgressCallback | None = None) -> Sweep:
    """Load the runs of a sweep.

    *where* is the folder of a Hydra multirun, a glob, or anything that `load` reads. On the W&B server it is a sweep
    (`wandb:entity/project/sweeps/id`) or a project (`wandb:entity/project`). It may also be several of these.

    A run that cannot be read, such as a job that has not begun, becomes a message in `Sweep.losses`. *progress* is
    called with the number of runs read and the total. Raises `SourceError` if no run can be read.

    Example: `sweep = load_sweep("multirun/2026-11-23/14-00-00")`
    """
    found = list(_outcomes(list(run_places(where)), progress))
    read = [(place, history) for place, history in found if isinstance(history, History)]
    losses = tuple(Coded(str(error), error.code) for _, error in found if isinstance(error, EnvcfgError))
    if not read:
        first = losses[0] if losses else Coded(f"{where} contains no runs", Code.NO_RUN)
        raise SourceError(first, code=first.code)
    return Sweep(tuple(SweepRun(name, history) for name, (_, history) in zip(_names(read), read, strict=True)), losses)


def _outcomes(
    places: Sequence[Where | ServerRun], progress: ProgressCallback | None
) -> Iterator[tuple[Where | ServerRun, ReadResult]]:
    """Yield the history or the error of each place, in order. The runs on the server are read first, in parallel."""
    served = [place for place in places if isinstance(place, ServerRun)]
    report = None if progress is None else lambda count, _: progress(count, len(places))
    outcomes: dict[str, list[ReadResult]] = {}
    for run, outcome in read_runs(served, progress=report) if served else ():
        outcomes.setdefault(str(run), []).append(outcome)
    count = len(served)
    for place in places:
        if isinstance(place, ServerRun):
            yield from ((place, outcome) for outcome in outcomes[str(place)])
            continue
        try:
            yield place, load(place)
        except EnvcfgError as error:
            yield place, error
        count += 1
        if progress is not None:
            progress(count, len(places))


def _names(read: Sequence[tuple[Where | ServerRun, History]]) -> list[str]:
    """Return the name of each run, which no other has: the one on the server with the id if it is not unique, or that
    of its journal, or the parts of its path that differ."""
    called = Counter(place.name for place in {place for place, _ in read if isinstance(place, ServerRun)})
    counts = Counter(place for place, _ in read if isinstance(place, ServerRun))
    local = [(place, history) for place, history in read if not isinstance(place, ServerRun)]
    folders = iter(distinct_names([history.run for _, history in local], [str(place) for place, _ in local]))
    return [
        _served_name(place, history, is_unique=called[place.name] == 1, is_alone=counts[place] == 1)
        if isinstance(place, ServerRun)
        else next(folders)
        for place, history in read
    ]


def _served_name(place: ServerRun, history: History, *, is_unique: bool, is_alone: bool) -> str:
    """The name of a run on the server, with its id if another run has that name, and that of one of its journals."""
    name = place.name if is_unique else f"{place.name} ({place.id})"
    return name if is_alone else f"{name}#{history.id[:SHOWN]}"


def distinct_names(names: Sequence[str], places: Sequence[str]) -> list[str]:
    """Return the short form of *names*. Runs with one name are called by what differs in their *places*."""
    counts = Counter(names)
    short = [name for name in names if counts[name] == 1]
    same = [place for name, place in zip(names, places, strict=True) if counts[name] > 1]
    unique, by_place = iter(short_names(short)), iter(short_names(same))
    found = [next(unique if counts[name] == 1 else by_place) for name in names]
    return [name if found.count(name) == 1 else f"{name} ({place})" for name, place in zip(found, places, strict=True)]


def short_names(names: Sequence[str]) -> list[str]:
    """Return the names without the folders that they all share."""
    parts = [name.split("/") for name in names]
    most = min(map(len, parts), default=1) - 1
    shared = next((place for place in range(most) if len({part[place] for part in parts}) > 1), most)
    return ["/".join(part[shared:]) for part in parts]


def run_places(where: Where | Iterable[Where]) -> Iterator[Where | ServerRun]:
    """Yield the place of each run in *where*, which may be any argument of `load_sweep`."""
    if not isinstance(where, str | PathLike):
        for each in where:
            yield from run_places(each)
        return
    text = str(where)
    named = address(where) if isinstance(where, str) else None
    if named is not None:
        yield from wandb_runs(text) if named.kind in SEVERAL else (text,)
        return
    path = path_of(where)
    if has_magic(text) and not path.exists():
        found = sorted(glob(str(path)))  # noqa: PTH207  # a pattern may be absolute
        if not found:
            raise SourceError(f"nothing matches {text}{nearby(path)}")
        for each in found:
            yield from run_places(each)
        return
    for folder in run_folders(path):
        yield from _addressed(folder)
    if not run_folders(path):
        yield from _addressed(path) if path.is_dir() else (where,)


def _addressed(folder: Path) -> list[Where]:
    """The runs in a folder: its path, or one address for each if there are several."""
    return [str(one) if one.run else one.folder for one in addresses(folder)]


def _statuses(runs: Sequence[SweepRun]) -> str:
    counts: dict[str, int] = {}
    for run in runs:
        counts[run.history.status] = counts.get(run.history.status, 0) + 1
    return ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items(), key=lambda item: -item[1]))
