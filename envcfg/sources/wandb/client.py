"""The client for the W&B server, and the record type of W&B's log. Only this reading module imports W&B.

W&B's client repeats a request, with growing pauses, if the server answers 429 or 5xx, or does not answer.
"""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from envcfg.core.artifact_name import ARTIFACT_TYPE, artifact_name
from envcfg.core.code import Code
from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.core.service_code import service_code, status_of
from envcfg.sources.wandb.address import Address
from envcfg.sources.wandb.metric_rows import steps_a_page, without_duplicates
from envcfg.sources.wandb.reachable import require_server
from envcfg.sources.wandb.service import service_of_its_own
from envcfg.sources.wandb.version import Version

_PATIENCE: Final = {
    "x_graphql_retry_max": 5,
    "x_graphql_retry_wait_min_seconds": 0.5,
    "x_graphql_retry_wait_max_seconds": 8.0,
}
"""Half a minute in total. W&B's own 20 attempts over many minutes are meant for training."""
_TIMEOUT: Final = 90
_RUNS: Final = 500
"""The number of runs in one answer of the server."""
_NEWEST: Final = 5


def record_type() -> Any:
    """Return the protocol buffer class of a transaction log. Raises `MissingExtraError` without W&B."""
    try:
        from wandb.proto import wandb_internal_pb2  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        raise MissingExtraError("reading the metrics of a W&B run", extra="wandb") from error
    return wandb_internal_pb2.Record  # type: ignore[attr-defined]  # made at run time


@dataclass(frozen=True, slots=True)
class ServerRun:
    """A run as the server lists it. `stamp` changes whenever the run logs something."""

    entity: str
    project: str
    id: str
    name: str
    state: str
    stamp: str
    rows: int
    _run: Any = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def records(self) -> dict[str, int]:
        """How many records each journal of the run has, by its id, as the summary of the run says."""
        summary = self._run.summary_metrics if self._run is not None else {}
        own = (value for key, value in summary.items() if key.startswith("envcfg") and isinstance(value, Mapping))
        found = next((value["journals"] for value in own if isinstance(value.get("journals"), Mapping)), None)
        return {str(name): count for name, count in found.items() if type(count) is int} if found else {}


class WandbClient:
    """Sends requests to the W&B server. Each method raises `SourceError` with a short message."""

    def __init__(self, api: Any, *, server: str, page_host: str) -> None:
        self._api = api
        self.server = server
        """The host of the server. Runs with the same path on two servers are different."""
        self._hosts = {server, page_host}

    def check_host(self, address: Address) -> None:
        """Raise `SourceError` for a page of another server, so that the API key is never sent there."""
        if address.host is not None and address.host not in self._hosts:
            said = f"{address} is on {address.host}, but W&B is set to {self.server}; set WANDB_BASE_URL to change it"
            raise SourceError(said, code=Code.WANDB_UNREACHABLE)

    def run(self, address: Address) -> ServerRun:
        found = next(self.runs(address, {"name": address.name}), None)  # W&B's name of a run is its id
        if found is None:
            said = f"{self.server} has no run {address}, or you may not see it"
            raise SourceError(said, code=Code.WANDB_NOT_FOUND)
        return found

    def runs(self, address: Address, filters: Mapping[str, Any] | None = None) -> Iterator[ServerRun]:
        """Yield the runs of a project or sweep that match *filters* (MongoDB's form, as in `wandb.Api().runs`)."""
        self._api.flush()  # otherwise the client returns an old state of a running run
        asked: dict[str, Any] = {**(filters or {})}
        if address.kind in ("sweep", "group"):
            asked[address.kind] = address.name
        with _clear_errors(f"project {address.entity}/{address.project}", self.server):
            path = f"{address.entity}/{address.project}"
            for run in self._api.runs(path, filters=asked, order="+created_at", per_page=_RUNS):
                yield _server_run(run)

    def logged_names(self, address: Address) -> list[str]:
        """Return the names in the summaries of the newest five runs of a project."""
        self._api.flush()
        with _clear_errors(f"project {address}", self.server):
            newest = islice(self._api.runs(str(address), order="-created_at", per_page=_NEWEST), _NEWEST)
            return list(dict.fromkeys(name for run in newest for name in run.summary_metrics))

    def put_chart(self, entity: str, name: str, *, title: str, specification: str) -> str | None:
        """Create a private Vega chart under *entity*. Return the refusal, for example if it exists, or None."""
        try:
            with _clear_errors(f"chart {entity}/{name}", self.server):
                self._api.create_custom_chart(entity, name, title, "vega2", "private", specification)
        except SourceError as error:
            if error.code is Code.WANDB_REFUSED and _conflicts(error):
                return str(error)
            raise
        return None

    def save_workspace(self, workspace: Any) -> str:
        """Save a workspace of `wandb-workspaces`, and return the address of its page."""
        with _clear_errors("the workspace", self.server):
            return str(workspace.save().url)

    def rows(self, run: ServerRun) -> list[dict[str, Any]]:
        """Return all history rows in order of W&B's step, with sparse keys, neither sampled nor joined."""
        with _clear_errors(f"the metrics of run {run}", self.server):
            ask = run._run.scan_history  # noqa: SLF001  # ours
            scan = ask(**({"use_cache": False} if "use_cache" in inspect.signature(ask).parameters else {}))
            scan.page_size = steps_a_page(scan.max_step, run.rows)
            return without_duplicates(scan)

    def config(self, run: ServerRun) -> Mapping[str, Any]:
        with _clear_errors(f"the config of run {run}", self.server):
            return dict(run._run.config)  # noqa: SLF001  # ours

    def run_files(self, run: ServerRun, folder: str) -> dict[str, Any]:
        """Return the run's files in *folder*, by name. The names are untrusted, so check them before use."""
        with _clear_errors(f"the files of run {run}", self.server):
            found = {file.name: file for file in run._run.files()}  # noqa: SLF001  # ours
        return {name[len(folder) + 1 :]: file for name, file in found.items() if name.startswith(f"{folder}/")}

    def fetch_run_file(self, file: Any, folder: Path) -> bytes:
        """Return the content of one of `run_files`. It is written below *folder*, so check its name before."""
        with _clear_errors(f"the file {file.name}", self.server):
            with file.download(root=str(folder), replace=True):
                pass
            return Path(folder, str(file.name)).read_bytes()

    def latest_versions(self, run: ServerRun) -> list[Version]:
        """Return the last version of each journal of the run, in the order in which the journals began."""
        with _clear_errors(f"the artifacts of run {run}", self.server):
            usual = self._named(f"{run.entity}/{run.project}/{artifact_name(run.id)}:latest")
            if usual is not None and usual.is_from_the_start and not usual.is_shared and len(run.records) <= 1:
                return [usual]
            logged = [Version.of(one) for one in run._run.logged_artifacts() if one.type == ARTIFACT_TYPE]  # noqa: SLF001
        newest = {(one.collection, one.journal): one for one in sorted(logged, key=lambda one: one.number)}
        return list(newest.values())

    def version(self, address: Address) -> Version:
        with _clear_errors(f"artifact {address}", self.server):
            found = self._named(str(address))
        if found is None:
            said = f"{self.server} has no artifact {address} of type {ARTIFACT_TYPE}"
            raise SourceError(said, code=Code.WANDB_NOT_FOUND)
        return found

    def files(self, version: Version) -> tuple[str, ...]:
        """Return the names of the version's files. They are untrusted, so check them before use."""
        with _clear_errors(f"the manifest of artifact {version.name}", self.server):
            return tuple(version._artifact.manifest.entries)  # noqa: SLF001  # ours

    def fetch(self, version: Version, name: str, folder: Path) -> bytes:
        """Return the content of one file whose checksum is correct. The client writes it below *folder*."""
        entry = version._artifact.get_entry(name)  # noqa: SLF001  # ours
        if entry.ref is not None:
            said = f"{version.name}: {name} is a reference to {entry.ref}; envcfg does not follow references"
            raise SourceError(said, code=Code.FOREIGN)
        with _clear_errors(f"{name} of artifact {version.name}", self.server):
            content = Path(entry.download(root=str(folder))).read_bytes()
        if not version.has(name, content):
            said = f"{version.name}: checksum mismatch for {name}; try again"
            raise SourceError(said, code=Code.CHECKSUM)
        return content

    def _named(self, path: str) -> Version | None:
        from wandb.errors import CommError  # noqa: PLC0415  # heavy, and an extra

        try:
            artifact = self._api.artifact(path)
        except CommError as error:
            if _code(error) is Code.WANDB_NOT_FOUND:
                return None
            raise
        return Version.of(artifact) if artifact.type == ARTIFACT_TYPE else None


@cache
def client() -> WandbClient:
    """Return the client for W&B's configured server.

    Raises `MissingExtraError` without W&B, and `SourceError` without a login or an answer.
    """
    try:
        import wandb  # noqa: PLC0415  # heavy, and an extra
        from wandb.util import app_url  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("reading from the W&B server", extra="wandb") from error
    with service_of_its_own():
        require_server(wandb.setup().settings.base_url)
    with _clear_errors("the account", "the W&B server"), _fewer_retries(wandb.setup().settings):
        api = wandb.Api(timeout=_TIMEOUT)
    base = api.settings["base_url"]
    return WandbClient(api, server=urlsplit(base).hostname or base, page_host=urlsplit(app_url(base)).hostname or base)


@contextmanager
def _fewer_retries(settings: Any) -> Iterator[None]:
    """Shorten the waiting times of a client that is made now. Runs of this process keep their own settings."""
    usual = {name: getattr(settings, name) for name in _PATIENCE if hasattr(settings, name)}
    for name in usual:
        setattr(settings, name, _PATIENCE[name])
    try:
        yield
    finally:
        for name, value in usual.items():
            setattr(settings, name, value)


@contextmanager
def _clear_errors(what: str, server: str) -> Iterator[None]:
    """Replace errors of the client by a `SourceError` that names the request and says what to do."""
    from wandb.errors import Error  # noqa: PLC0415  # heavy, and an extra

    try:
        with service_of_its_own():
            yield
    except _errors(Error, ValueError, OSError) as error:
        code = _code(error)
        if code is Code.WANDB_LOGIN:
            sentence = f"W&B has no valid login for {server}: run `wandb login`, or set WANDB_API_KEY"
        elif code is Code.WANDB_NOT_FOUND:
            sentence = f"{server} does not have {what}, or you may not see it"
        else:
            sentence = f"{server} did not return {what}: {_line(error)}"
        raise SourceError(sentence, code=code) from error


def _errors(*known: type[Exception]) -> tuple[type[Exception], ...]:
    """Return *known*, and an error that newer clients sometimes raise instead of a `CommError`."""
    try:
        from wandb.sdk.lib.service.service_connection import WandbApiFailedError  # noqa: PLC0415  # heavy, an extra
    except ImportError:
        return known
    return (*known, WandbApiFailedError)


def _line(error: BaseException) -> str:
    """Return the message without the repetition that the client appends."""
    return " ".join(str(error).partition("\nwhile retrying")[0].split())[:300]


def _code(error: BaseException) -> Code:
    """Return the code of an error of the client."""
    from wandb.errors import AuthenticationError, UsageError  # noqa: PLC0415  # heavy, and an extra

    if isinstance(error, UsageError):
        return Code.WANDB_LOGIN
    code = service_code(error)
    if code is not Code.WANDB:
        return code
    if isinstance(getattr(error, "exc", None) or error, ValueError):
        return Code.WANDB_NOT_FOUND  # the server answered, and knows no such run or artifact
    return Code.WANDB_LOGIN if isinstance(error, AuthenticationError) and error.__cause__ is None else code


def _conflicts(error: SourceError) -> bool:
    """Whether an error means that the chart exists already: it has no cause, no HTTP status, or the status 409."""
    return error.__cause__ is None or status_of(error.__cause__) in (0, HTTPStatus.CONFLICT)


def _server_run(run: Any) -> ServerRun:
    _remove_empty_folders(Path(run.dir))
    rows = run._attrs.get("historyLineCount") or 0  # noqa: SLF001  # there is no public way
    stamp = f"{run.state} {getattr(run, 'heartbeat_at', None)} {rows}"
    return ServerRun(run.entity, run.project, run.id, run.name or run.id, run.state, stamp, rows, run)


def _remove_empty_folders(folder: Path) -> None:
    """Remove the empty folder entity/project/run that the client creates in `WANDB_DIR` for each listed run."""
    with suppress(OSError):
        for made in (folder, folder.parent, folder.parent.parent):
            made.rmdir()
