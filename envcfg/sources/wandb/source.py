"""Reads a run on the W&B server as a history, from the files of its artifact and the rows of its metrics."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from envcfg.core.artifact_name import ARTIFACT_TYPE
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.core.record import Ending, Link, Status
from envcfg.history.history import History
from envcfg.history.recording import OtherRun
from envcfg.sources.join import join, resumed, start
from envcfg.sources.nearby import no_such_folder
from envcfg.sources.wandb.address import Address
from envcfg.sources.wandb.address import address as address_of
from envcfg.sources.wandb.cached import offering_copy
from envcfg.sources.wandb.client import ServerRun, WandbClient, client
from envcfg.sources.wandb.journals import journals, read
from envcfg.sources.wandb.mirror import Mirror, cache_folder
from envcfg.sources.wandb.version import Version

_ENDINGS: Final[Mapping[str, Status]] = {"finished": "completed", "failed": "failed", "killed": "interrupted"}
"""The ending for each state of a run on W&B, for a journal without an ending. A crashed run has no ending."""


class WandbSource:
    """Reads runs and artifact versions from the W&B server."""

    def find(self, where: str) -> History | None:
        found = address_of(where)
        if found is None:
            return None
        with offering_copy(found):
            return _of_bare_path(where, found) if found.is_bare else from_wandb(found)


def from_wandb(address: Address) -> History:
    """Return the history at *address*: a run with its metrics, or one artifact version alone.

    Raises `SourceError` if it does not exist, is not one run, or cannot be reached.
    """
    return on_server(address)()


def on_server(address: Address) -> Callable[[], History]:
    """Check that *address* exists, and return a function that reads its history. Raises the errors of `from_wandb`."""
    asked = client()
    asked.check_host(address)
    match address.kind:
        case "run":
            return partial(from_run, asked.run(address))
        case "artifact":
            return partial(_from_version, address, asked.version(address), asked)
        case "project" | "sweep" | "group":
            raise SourceError(
                f"{address} is a {address.kind} with many runs: name one run, as in entity/project/run_id"
            )


def _of_bare_path(text: str, found: Address) -> History:
    """The run on the server. If there is none, the error also says that there is no such folder."""
    try:
        read = on_server(found)
    except EnvcfgError as error:
        raise SourceError(f"{no_such_folder(Path(text))}; as a run on W&B: {error}", code=error.code) from error
    return read()


def from_run(run: ServerRun) -> History:
    """Return the history of a run that the server listed. If it has several, return the one that began first."""
    return all_from_run(run)[0]


def all_from_run(run: ServerRun) -> tuple[History, ...]:
    """Return the histories of a run that the server listed: one, unless it has several journals that are no resumes.

    Unchanged files come from the cache.
    """
    asked = client()
    mirror = Mirror(_folder(asked, run.entity, run.project, "runs", run.id))
    found = sorted(map(join, resumed(list(journals(run, mirror, asked)))), key=start)
    if not found:
        raise SourceError(
            f"run {run} ({run.name}, {run.state}) has no artifact of type {ARTIFACT_TYPE}: was it started with "
            "hydra/callbacks=env_config? An offline run uploads its versions with `wandb sync`"
        )
    mirror.update_metrics(run, asked)
    complete = [_with_server_state(replace(history, logs=(mirror.metrics,)), run) for history in found]
    return tuple(
        replace(own, others=tuple(other_run(other) for other in complete if other is not own)) for own in complete
    )


def other_run(history: History) -> OtherRun:
    return OtherRun(history.id, history.run, _overrides(history), is_concurrent=False, where=str(history.folder))


def _overrides(history: History) -> tuple[str, ...]:
    return history.jobs[-1].overrides if history.jobs else ()


def ended(history: History, status: Status) -> History:
    """Return the history with an ending at its last record, if its journal has no ending."""
    if history.ending is not None:
        return history
    time = history.adoptions[-1].record.time if history.adoptions else 0.0
    return replace(history, ending=Ending(status, time))


def _from_version(address: Address, version: Version, asked: WandbClient) -> History:
    name, _, alias = address.name.partition(":")
    mirror = Mirror(_folder(asked, address.entity, address.project, "artifacts", name, alias))
    mirror.update_files([version], asked, is_exact=True)
    history = read(mirror, str(address))
    if history is None:
        raise SourceError(f"artifact {address} contains neither segments of a journal nor {mirror.legacy_json.name}")
    return history


def _folder(asked: WandbClient, *parts: str) -> Path:
    """Return the cache folder of a run. The parts come from an `Address`, so they cannot lead to another folder."""
    return cache_folder().joinpath("wandb", asked.server, *parts)


def _with_server_state(history: History, run: ServerRun) -> History:
    """Add the run's name, and its ending if the last version was saved before the run ended."""
    links = [link for link in history.links if link.service == "wandb" and link.id == run.id]
    known = links[-1] if links else Link(0.0, "wandb", run.id)
    named = msgspec.structs.replace(known, entity=run.entity, project=run.project, name=run.name)
    finished = ended(history, _ENDINGS[run.state]) if run.state in _ENDINGS else history
    return replace(finished, links=(*(link for link in history.links if link is not known), named))
