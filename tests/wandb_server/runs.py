"""What the server knows of runs: their config, history and files."""

import base64
import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import Any

from wandb_server.graphql_answers import connection

NOW = "2026-11-23T12:00:00"
SETTINGS = {
    "displayName": "display_name",
    "groupName": "group",
    "jobType": "job_type",
    "tags": "tags",
    "notes": "notes",
    "host": "host",
    "jobProgram": "program",
    "sweep": "sweep",
    "state": "state",
}
STREAMS = {"wandb-history.jsonl": "history", "wandb-events.jsonl": "events", "output.log": "output"}


def identifier(*parts: Any) -> str:
    """An opaque id, as the service gives them."""
    return base64.b64encode(":".join(map(str, parts)).encode()).decode()


@dataclass
class Run:
    """One run of a project."""

    name: str
    entity: str
    project: str
    display_name: str = ""
    state: str = "running"
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    notes: str | None = None
    host: str | None = None
    program: str | None = None
    sweep: str | None = None
    beats: int = 0
    parquet: bytes | None = None
    exported: int = -1
    """The last step that is in the parquet file; the rows after it are live."""

    @property
    def heartbeat(self) -> str:
        return f"2026-11-23T12:{self.beats // 60 % 60:02}:{self.beats % 60:02}"

    @property
    def id(self) -> str:
        return identifier("Run:v1", self.name, self.project, self.entity)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """History rows in order, each with its `_step`."""
        return [json.loads(line) for line in self.history if line]

    def set(self, given: dict[str, Any]) -> None:
        """What `upsertBucket` brings."""
        if given.get("config") is not None:
            self.config = json.loads(given["config"])
        if given.get("summaryMetrics") is not None:
            self.summary = json.loads(given["summaryMetrics"])
        for name, attribute in SETTINGS.items():
            if given.get(name) is not None:
                setattr(self, attribute, given[name])

    def rewind(self, metric: str, value: float) -> None:
        """Forget the rows after the one in which *metric* is *value*."""
        self.history = [line for line in self.history if json.loads(line)[metric] <= value]
        self.summary = json.loads(self.history[-1])
        self.state = "running"

    def export(self) -> None:
        """Move all rows so far into a parquet file, which the service does in the background."""
        import polars as pl

        content = io.BytesIO()
        pl.DataFrame(self.rows, infer_schema_length=None).write_parquet(content)
        self.parquet, self.exported = content.getvalue(), self.rows[-1]["_step"]

    def stream(self, body: dict[str, Any]) -> None:
        """What the file stream brings: lines at an offset, and whether the run is over."""
        self.beats += 1
        for name, part in (body.get("files") or {}).items():
            if name == "wandb-summary.json":
                self.summary = json.loads(part["content"][-1])
            elif name in STREAMS:
                lines: list[str] = getattr(self, STREAMS[name])
                offset = part.get("offset", 0)
                lines.extend([""] * (offset - len(lines)))
                lines[offset : offset + len(part["content"])] = part["content"]
        if body.get("complete"):
            self.state = "failed" if body.get("exitcode") else "finished"


def passes(run: Run, filters: dict[str, Any]) -> bool:
    """Whether all *filters* hold: a value, or `{"$ne": value}`, for a field of the run or of its config."""
    said = {f"config.{key}": part["value"] for key, part in run.config.items() if "value" in part}
    said |= {"name": run.name, "display_name": run.display_name, "state": run.state, "sweep": run.sweep}
    return all(
        said.get(key) != wanted["$ne"] if isinstance(wanted, dict) else said.get(key) == wanted
        for key, wanted in filters.items()
    )


def run_answer(run: Run | None, server: Any) -> dict[str, Any] | None:
    """The run as the client asks for it."""
    if run is None:
        return None
    return {
        "__typename": "Run",
        "id": run.id,
        "name": run.name,
        "displayName": run.display_name or run.name,
        "state": run.state,
        "config": lambda **_: json.dumps(run.config),
        "summaryMetrics": lambda **_: json.dumps(run.summary),
        "systemMetrics": "{}",
        "group": run.group,
        "jobType": run.job_type,
        "tags": run.tags,
        "notes": run.notes,
        "host": run.host,
        "sweepName": run.sweep,
        "createdAt": NOW,
        "heartbeatAt": run.heartbeat,
        "updatedAt": run.heartbeat,
        "readOnly": False,
        "description": None,
        "commit": None,
        "stopped": False,
        "shouldStop": False,
        "user": lambda **_: server.user_answer(),
        "project": lambda **_: server.project_answer(run.entity, run.project),
        "projectId": "1",
        "historyLineCount": len(run.history),
        "eventsLineCount": len(run.events),
        "logLineCount": len(run.output),
        "historyTail": json.dumps(run.history[-1:]),
        "eventsTail": json.dumps(run.events[-1:]),
        "history": lambda **options: history_answer(run, **options),
        "sampledHistory": lambda specs=(), **_: [sampled_answer(run, json.loads(spec)) for spec in specs],
        "historyKeys": lambda **_: keys_answer(run),
        "parquetHistory": lambda liveKeys=(), **_: {  # noqa: N803  # W&B's name
            "__typename": "ParquetHistory",
            "parquetUrls": [] if run.parquet is None else [server.blob(run.parquet)],
            "liveData": [{key: row.get(key) for key in liveKeys} for row in run.rows if row["_step"] > run.exported],
        },
        "files": lambda **options: files_answer(run, server, **options),
        "fileCount": len(run.files),
        "wandbConfig": lambda **_: json.dumps({"t": 1}) if "_wandb" in run.config else None,  # it can be resumed
        "outputArtifacts": lambda **options: connection(
            server.artifacts_of(run), options.get("first"), options.get("after")
        ),
    }


def history_answer(run: Run, minStep: int | None = None, maxStep: int | None = None, **_: Any) -> list[str]:  # noqa: N803
    """Rows from *minStep* on and before *maxStep*."""
    low, high = minStep or 0, float("inf") if maxStep is None else maxStep
    return [json.dumps(row) for row in run.rows if low <= row["_step"] < high]


def sampled_answer(run: Run, spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows that hold all keys of the spec."""
    keys = spec.get("keys") or []
    return [{key: row[key] for key in keys} for row in run.rows if all(key in row for key in keys)]


def keys_answer(run: Run) -> dict[str, Any] | None:
    """Every key of the history with how often it comes."""
    keys: dict[str, Any] = {}
    for row in run.rows:
        for key, value in row.items():
            kind = "number" if isinstance(value, int | float) else "string"
            entry = keys.setdefault(key, {"typeCounts": [{"type": kind, "count": 0}], "monotonic": False})
            entry["typeCounts"][0]["count"] += 1
            entry["previousValue"] = value
    last = max((row["_step"] for row in run.rows), default=-1)
    return {"sets": [], "keys": keys, "lastStep": last} if keys else None


def files_answer(run: Run, server: Any, names: list[str] | None = None, **options: Any) -> dict[str, Any]:
    nodes = [file_answer(run, server, name) for name in names or sorted(run.files)]
    return connection(nodes, options.get("first"), options.get("after"))


def file_answer(run: Run, server: Any, name: str) -> dict[str, Any]:
    content = run.files.get(name)
    return {
        "__typename": "File",
        "id": identifier("File", run.name, name),
        "name": name,
        "displayName": name,
        "url": None if content is None else server.blob(content),
        "directUrl": None if content is None else server.blob(content),
        "uploadUrl": server.upload(lambda data: run.files.__setitem__(name, data)),
        "sizeBytes": len(content or b""),
        "mimetype": "application/octet-stream",
        "updatedAt": NOW,
        "md5": base64.b64encode(hashlib.md5(content or b"", usedforsecurity=False).digest()).decode(),
        "digest": None,
        "storagePath": None,
    }
