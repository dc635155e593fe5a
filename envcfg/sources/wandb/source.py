"""A run on the W&B server -> its history: the files of its artifact, and every row of its metrics."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from envcfg.core.errors import SourceError
from envcfg.core.record import Ending, Link, Status
from envcfg.history.history import History
from envcfg.journal.reading import is_journal
from envcfg.sources.join import join
from envcfg.sources.journal import from_journal
from envcfg.sources.legacy_json import from_origin
from envcfg.sources.wandb.address import Address
from envcfg.sources.wandb.client import ARTIFACT_TYPE, ServerRun, WandbClient, client
from envcfg.sources.wandb.mirror import Mirror, cache_folder
from envcfg.sources.wandb.version import Version

_ENDINGS: Final[Mapping[str, Status]] = {"finished": "completed", "failed": "failed", "killed": "interrupted"}
"""What W&B says of a run whose last version was saved before its journal had an ending; a crash is none."""


def from_wandb(address: Address) -> History:
    """The history at *address*: of a run with its metrics, or of one artifact version by itself.

    Raises `SourceError` for what is not there, not one run, or cannot be reached.
    """
    return on_server(address)()


def on_server(address: Address) -> Callable[[], History]:
    """What reads the history at *address*, once the server has said that it is there; raises as `from_wandb`."""
    asked = client()
    asked.check_host(address)
    match address.kind:
        case "run":
            return partial(from_run, asked.run(address))
        case "artifact":
            return partial(_from_version, address, asked.version(address), asked)
        case "project" | "sweep":
            raise SourceError(f"{address} is a {address.kind}, which holds many runs: name one, entity/project/run_id")


def from_run(run: ServerRun) -> History:
    """The history of a run that the server listed. What has not changed since the last time is read from the cache."""
    asked = client()
    mirror = Mirror(_folder(asked, run.entity, run.project, "runs", run.id))
    versions = asked.latest(run)
    mirror.bring_files(versions, asked)
    history = _read(mirror, str(run))
    if (history is None or history.ending is None) and mirror.bring_kept(run, asked):
        history = _read(mirror, str(run))
    if history is None:
        raise SourceError(
            f"run {run} ({run.name}, {run.state}) has no artifact of type {ARTIFACT_TYPE}: was it started with "
            "hydra/callbacks=env_config? The versions of an offline run come with `wandb sync`"
        )
    mirror.bring_metrics(run, asked)
    history = join([*_before(run, versions, mirror, asked), history])
    return _with_the_server_s_word(replace(history, logs=(mirror.metrics,)), run)


def _before(run: ServerRun, versions: Sequence[Version], mirror: Mirror, asked: WandbClient) -> Iterator[History]:
    """What the run recorded in other folders before it was resumed in its last one."""
    for earlier in asked.earlier(run, versions[0]) if len(versions) == 1 else ():
        name = blake2b(earlier.recorded_as.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
        part = Mirror(mirror.folder / "earlier" / name)
        part.bring_files([earlier], asked)
        history = _read(part, str(run))
        if history is not None:
            yield history


def ended(history: History, status: Status) -> History:
    """The history with the ending that somebody else knows, at its last record, where its journal has none yet."""
    if history.ending is not None:
        return history
    time = history.adoptions[-1].record.time if history.adoptions else 0.0
    return replace(history, ending=Ending(status, time))


def _from_version(address: Address, version: Version, asked: WandbClient) -> History:
    name, _, alias = address.name.partition(":")
    mirror = Mirror(_folder(asked, address.entity, address.project, "artifacts", name, alias))
    mirror.bring_files([version], asked)
    history = _read(mirror, str(address))
    if history is None:
        raise SourceError(f"artifact {address} holds neither segments of a journal nor {mirror.origin.name}")
    return history


def _folder(asked: WandbClient, *parts: str) -> Path:
    """Of a run in the cache; the parts come from an address, which lets none of them lead elsewhere."""
    return cache_folder().joinpath("wandb", asked.server, *parts)


def _read(mirror: Mirror, name: str) -> History | None:
    if is_journal(mirror.journal):
        return from_journal(mirror.journal)
    return replace(from_origin(mirror.origin), run=name) if mirror.origin.is_file() else None


def _with_the_server_s_word(history: History, run: ServerRun) -> History:
    """The run's name, and how it ended where the journal's last version was saved before its end."""
    links = [link for link in history.links if link.service == "wandb" and link.id == run.id]
    known = links[-1] if links else Link(0.0, "wandb", run.id)
    named = msgspec.structs.replace(known, entity=run.entity, project=run.project, name=run.name)
    told = ended(history, _ENDINGS[run.state]) if run.state in _ENDINGS else history
    return replace(told, links=(*(link for link in history.links if link is not known), named))
