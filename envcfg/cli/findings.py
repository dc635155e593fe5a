"""The checks of `envcfg doctor`: the installation, W&B, a Hydra app, a run."""

import netrc
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from envcfg.analysis.formatting import count_text
from envcfg.analysis.run.new_keys import new_key_text
from envcfg.analysis.run.requests import never_effective_text, request_sentences, unrequested_text
from envcfg.analysis.run.summary import failures
from envcfg.cli import clock_findings, draw_findings, remedies, session_findings, slot_findings
from envcfg.cli.finding import Finding, State
from envcfg.cli.first_line import first_line
from envcfg.cli.hydra_yaml import parsed, text_of
from envcfg.core.code import Code, Coded
from envcfg.core.errors import EnvcfgError
from envcfg.history.history import History
from envcfg.journal.folder import segments
from envcfg.sources.load import load
from envcfg.tracking.redaction.key import is_kept

PLUGIN: Final = "hydra_plugins.hydra_envcfg"
CALLBACK: Final = "envcfg."
CLOUD: Final = "https://api.wandb.ai"
_TIMEOUT: Final = 3.0
"""The most seconds to wait for a connection to a W&B server."""


def installation() -> Iterator[Finding]:
    """Check envcfg, and whether Hydra finds its plugin."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("envcfg", State.GOOD, f"{version('envcfg')} on Python {python}")
    if find_spec(PLUGIN) is None:
        todo = "install envcfg again, from its checkout or its wheel, into the environment of your training"
        said = f"{PLUGIN} cannot be imported, so no app can use hydra/callbacks=env_config"
        yield Finding("Hydra plugin", State.WRONG, said, todo)
        return
    from hydra.core.plugins import Plugins  # noqa: PLC0415  # slow, and for this command only
    from hydra.plugins.search_path_plugin import SearchPathPlugin  # noqa: PLC0415

    found = [plugin.__name__ for plugin in Plugins.instance().discover(SearchPathPlugin)]
    if "EnvcfgPlugin" in found:
        yield Finding("Hydra plugin", State.GOOD, f"found by Hydra {version('hydra-core')}")
    else:
        said = f"Hydra {version('hydra-core')} does not find it; it finds {', '.join(found) or 'none'}"
        yield Finding("Hydra plugin", State.WRONG, said, "look for another folder named hydra_plugins on sys.path")


def wandb_service() -> Iterator[Finding]:
    """Check W&B: whether it is installed, its mode, the login, and whether its server answers."""
    try:
        installed = version("wandb")
    except PackageNotFoundError:
        said = "not installed; runs are recorded without it"
        yield Finding("W&B", State.NOTE, said, "pip install 'envcfg[wandb]', to see runs in W&B")
        return
    mode = os.environ.get("WANDB_MODE", "online")
    yield Finding("W&B", State.GOOD, f"{installed}, WANDB_MODE {mode}")
    if mode in ("offline", "disabled", "dryrun"):
        return
    server = os.environ.get("WANDB_BASE_URL", CLOUD)
    if not _has_key(server):
        said = f"no API key for {server}: an online run asks for one, or stops"
        yield Finding("W&B login", State.NOTE, said, "wandb login, or WANDB_MODE=offline")
    yield _server(server)


def tag_key() -> Iterator[Finding]:
    """Check whether the key of the tags of secrets can be kept; if so, there is no finding."""
    if not is_kept():
        said = "the key of the tags of secrets cannot be kept for you: a secret looks changed on another machine"
        todo = "set XDG_CONFIG_HOME to a folder that only you can read, on every machine of the run"
        yield Finding("Secrets", State.NOTE, said, todo)


def _has_key(server: str) -> bool:
    if os.environ.get("WANDB_API_KEY"):
        return True
    try:
        return netrc.netrc(os.environ.get("NETRC")).authenticators(urlsplit(server).hostname or "") is not None
    except (OSError, netrc.NetrcParseError):
        return False


def _server(server: str) -> Finding:
    parts = urlsplit(server)
    port = parts.port or (80 if parts.scheme == "http" else 443)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=_TIMEOUT).close()
    except OSError as error:
        todo = "set WANDB_MODE=offline, and later run wandb sync on a machine with a network"
        return Finding("W&B server", State.NOTE, f"{server} does not answer: {error}", todo)
    return Finding("W&B server", State.GOOD, f"{server} answers")


def app(path: Path, overrides: Sequence[str]) -> Iterator[Finding]:
    """Check whether the callback is on in the config of this app. It trains nothing."""
    command = [sys.executable, str(path), *overrides, "--cfg", "hydra", "--package", "hydra.callbacks"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603  # the user's own app
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["there is no error message"])[-1]
        yield Finding("App", State.WRONG, f"{path} cannot compose its config: {last}", f"python {path} --cfg job")
    else:
        yield _callback(done.stdout, str(path))


def _callback(composed: str, where: str) -> Finding:
    """Check the composed `hydra.callbacks`, or a whole config of Hydra, as YAML."""
    if any(target.startswith(CALLBACK) for target in _targets(composed)):
        return Finding("Callback", State.GOOD, f"on in {where}")
    said = f"off in {where}: only what the training passes to its own tracker is recorded"
    return Finding("Callback", State.WRONG, said, "add hydra/callbacks=env_config to the command line")


def _targets(composed: str) -> Iterator[str]:
    """The class names of the callbacks in a config of Hydra."""
    found = parsed(composed)
    whole = found.get("hydra")
    callbacks = whole.get("callbacks") if isinstance(whole, dict) else found
    for callback in callbacks.values() if isinstance(callbacks, dict) else ():
        if isinstance(callback, dict):
            yield str(callback.get("_target_"))


def run(where: str) -> Iterator[Finding]:
    """Check whether a run was recorded, and whether it is complete."""
    composed = Path(where, ".hydra", "hydra.yaml")
    if composed.is_file():
        yield _callback(text_of(composed), where)
    try:
        history = load(where)
    except EnvcfgError as error:
        yield Finding("Run", State.WRONG, str(error), remedies.of(error.code), error.code)
        return
    found = _recorded(history, where)
    yield from found if history.is_whole else session_findings.of_part(found)


def _requested(history: History, where: str) -> Iterator[Finding]:
    """Check whether the requests took effect. A run without requests has no such finding."""
    if not history.requests:
        return
    summed, *_ = request_sentences(history)
    ineffective_keys = history.never_effective()
    yield Finding("Requests", State.GOOD, summed)
    for ineffective in ineffective_keys:
        todo = f"envcfg requests {where}; set the key on the environment itself, not on a wrapper"
        yield Finding("Not effective", State.WRONG, never_effective_text(ineffective), todo)
    unasked = unrequested_text(history)
    if unasked:
        todo = f"envcfg log {where}, to see when and why; if it was meant, request it with tracker.request(...)"
        yield Finding("Not requested", State.NOTE, unasked, todo)


def _misspelt(history: History, where: str) -> Iterator[Finding]:
    """Report new keys whose spelling is close to that of another key."""
    for new in history.new_keys():
        if new.meant is not None:
            yield Finding("New key", State.NOTE, new_key_text(new), f"envcfg log {where}: change {new.number}")


def _recorded(history: History, where: str) -> Iterator[Finding]:
    found = history.coverage
    if history.folder is not None:
        files = segments(history.folder)
        shards = len({segment.shard for segment in files})
        counts = f"{count_text(len(files), 'segment')} of {count_text(shards, 'shard')}"
        yield Finding("Journal", State.GOOD, f"{counts} in {history.folder}")
    if found.first_step is None:
        todo = f"type this line into the training: {first_line(history)}"
        yield Finding("Records", State.WRONG, "no adoption was recorded", todo)
    else:
        steps = f"steps {found.first_step:,} to {found.last_step:,} of {count_text(found.slots, 'slot')}"
        said = f"{steps}, {count_text(len(history.changes), 'change')}"
        yield Finding("Records", State.GOOD, said)
    yield from session_findings.sessions(history)
    yield from slot_findings.slots(history)
    yield from clock_findings.clock(history)
    yield from clock_findings.axes(history)
    yield from draw_findings.draws(history, where)
    yield from _requested(history, where)
    yield from _misspelt(history, where)
    yield from (_lost(loss, history.folder) for loss in history.losses)
    for failure in failures(history):
        yield Finding("Failed", State.WRONG, failure, remedies.of(failure.code, history.folder), failure.code)
    yield session_findings.ending(history, where)


def _lost(loss: Coded, folder: Path | None) -> Finding:
    if loss.code is Code.TORN:
        said = f"{loss}: the call that wrote it had not returned, so nothing is lost"
        return Finding("Torn", State.NOTE, said, code=loss.code)
    return Finding("Lost", State.WRONG, loss, remedies.of(loss.code, folder), loss.code)
