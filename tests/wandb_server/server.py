"""A loopback stand-in for the W&B service: what the real client needs for runs, histories and artifacts.

It checks no argument types and keeps everything in memory. `faults` are callables (handler, operation) that
answer in its place; it can `disappear` and `appear` again. `unknown` counts fields that were asked for and are
not known; `uploads` are the sizes of the files that came.
"""

import base64
import gzip
import hashlib
import json
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from graphql import GraphQLSchema
from wandb_server.artifacts import Artifacts, Collection, Version
from wandb_server.graphql_answers import Query, RefusedError, connection
from wandb_server.introspection import schema
from wandb_server.runs import Run, file_answer, identifier, passes, run_answer

FEATURES = (
    "ARTIFACT_TAGS",
    "ARTIFACT_COLLECTION_MEMBERSHIP_FILES",
    "TOTAL_COUNT_IN_FILE_CONNECTION",
    "PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP",
    "ARTIFACT_MEMBERSHIP_IN_LINK_ARTIFACT_RESPONSE",
)


class WandbServer:
    """`with WandbServer() as server:` serves on a free port of the loopback interface."""

    def __init__(self, entity: str = "acme") -> None:
        self.entity = entity
        self.runs: dict[tuple[str, str, str], Run] = {}
        self.artifacts = Artifacts(self)
        self.operations: Counter[str] = Counter()
        self.unknown: Counter[tuple[str, str]] = Counter()
        self.errors: list[str] = []
        self.uploads: list[int] = []
        self.received_bytes: list[bytes] = []
        """The lines and bodies of all requests, unpacked."""
        self.faults: list[Callable[[Any, str], bool]] = []
        self.charts: dict[str, dict[str, Any]] = {}
        self.views: list[dict[str, Any]] = []
        self.lock = threading.RLock()
        self._blobs: dict[str, bytes] = {}
        self._pending: dict[str, Callable[[bytes], Any]] = {}
        self._handler = type("Handler", (_Handler,), {"server_state": self})
        self._http = _Http(("127.0.0.1", 0), self._handler)
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def disappear(self) -> None:
        """From now on nobody listens, and connections that are open break."""
        self.faults.append(hang_up)
        self._http.shutdown()
        self._http.server_close()

    def appear(self) -> None:
        """Listen again where it did before, with all that it knew."""
        self.faults.remove(hang_up)
        self._http = _Http(("127.0.0.1", self.port), self._handler)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def environment(self, folder: Any) -> dict[str, str]:
        """Variables that point a real client at this server, with all its own files in *folder*."""
        places = {name: str(folder / name.lower()) for name in ("DATA_DIR", "CACHE_DIR", "CONFIG_DIR")}
        settings = {"BASE_URL": self.url, "API_KEY": "local" + "0" * 35, "ENTITY": self.entity, "DIR": str(folder)}
        return {
            f"WANDB_{k}": v for k, v in {**settings, **places, "SILENT": "true", "ERROR_REPORTING": "false"}.items()
        }

    def take(self, other: Self) -> None:
        """Serve copies of what *other* holds by now: a training is made once, and each test gets one of its own."""
        self.runs, self.artifacts.by_id, self.artifacts.collections = deepcopy(
            (other.runs, other.artifacts.by_id, other.artifacts.collections)
        )

    def upload(self, put: Callable[[bytes], Any]) -> str:
        """An address that a file can be put to, once or more."""
        token = uuid.uuid4().hex
        self._pending[token] = put
        return f"{self.url}/upload/{token}"

    def blob(self, content: bytes) -> str:
        """An address that *content* can be had from."""
        token = hashlib.sha256(content).hexdigest()
        self._blobs[token] = content
        return f"{self.url}/blob/{token}"

    def received(self, token: str, content: bytes) -> bool:
        put = self._pending.get(token)
        if put is not None:
            self.uploads.append(len(content))
            put(content)
        return put is not None

    def kept(self, path: str) -> bytes | None:
        """The content behind an address that was given out, or behind one that the client makes up for a file."""
        file = re.fullmatch(r"/artifactsV2/[^/]+/([^/]+)/([^/]+)/([^/]+)/(?:[^/]+/)*([0-9a-f]{32})/[^/]+", path)
        if file is None:
            return self._blobs.get(path.removeprefix("/blob/"))
        collection = self.artifacts.collections.get((file[1], file[2], file[3]))
        return collection and collection.files.get(base64.b64encode(bytes.fromhex(file[4])).decode())

    def run(self, entity: str | None, project: str | None, name: str | None) -> Run | None:
        return self.runs.get((entity or self.entity, project or "uncategorized", name or ""))

    def run_answer(self, run: Run | None) -> dict[str, Any] | None:
        return run_answer(run, self)

    def artifacts_of(self, run: Run) -> list[dict[str, Any]]:
        return self.artifacts.of_run(run)

    def user_answer(self) -> dict[str, Any]:
        entity = self.entity_answer()
        names = {"name": "tester", "username": "tester", "email": "t@localhost", "entity": self.entity}
        teams = {"teams": connection([entity]), "apiKeys": connection([]), "organizations": []}
        return {
            "__typename": "User",
            "id": "1",
            "admin": False,
            "flags": "{}",
            "defaultEntity": entity,
            **names,
            **teams,
        }

    def entity_answer(self) -> dict[str, Any]:
        names = {"name": self.entity, "isTeam": False, "organization": None}
        return {"__typename": "Entity", "id": identifier("Entity", self.entity), **names}

    def project_answer(self, entity: str | None, name: str | None) -> dict[str, Any]:
        key = (entity or self.entity, name or "uncategorized")
        runs = [run for (*place, _), run in self.runs.items() if tuple(place) == key]

        def one(name: str | None = None, **_: Any) -> Any:
            return self.run_answer(self.run(*key, name))

        def several(filters: str | None = None, **options: Any) -> Any:
            asked = json.loads(filters or "{}")
            found = [self.run_answer(run) for run in runs if passes(run, asked)]
            return connection(found, options.get("first"), options.get("after"))

        def collection(name: str = "", **_: Any) -> Any:
            return self.artifacts.collection_answer(self.artifacts.collections.get((*key, name.partition(":")[0])))

        return {
            "__typename": "Project",
            "id": identifier("Project:v1", key[1], key[0]),
            "internalId": identifier("ProjectInternalId", 1),
            "name": key[1],
            "entityName": key[0],
            "readOnly": False,
            "entity": self.entity_answer(),
            "run": one,
            "bucket": one,
            "runs": several,
            "runCount": lambda filters=None, **_: sum(passes(run, json.loads(filters or "{}")) for run in runs),
            "artifact": lambda name="", **_: self.artifacts.answer(self.artifacts.named(key, name)),
            "artifactCollection": collection,
            "artifactCollectionMembership": lambda name="", **_: self.artifacts.membership_answer(
                self.artifacts.named(key, name)
            ),
            "artifactType": lambda name="", **_: {
                "__typename": "ArtifactType",
                "id": name,
                "name": name,
                "artifactCollection": collection,
            },
        }

    def answer(self, query: Query) -> dict[str, Any]:
        if query.is_about_schema:
            return query.introspect(self._schema())
        return query.answer(self.mutation_root() if query.kind == "mutation" else self.query_root())

    def _schema(self) -> GraphQLSchema:
        root = self.query_root()
        version = Version("", "", Collection("", "", "", ("", "")), None, None, None, [])
        others = [self.run_answer(Run("", "", "")), self.artifacts.answer(version), root["project"]()]
        return schema(root, self.mutation_root(), [*others, root["viewer"], root["serverInfo"]])

    def query_root(self) -> dict[str, Any]:
        versions = {"cliVersionInfo": {"max_cli_version": "99.0.0", "min_cli_version": "0.10.0"}}
        features = [{"name": feature, "isEnabled": True} for feature in FEATURES]

        def project(name: str | None = None, entityName: str | None = None, entity: str | None = None, **_: Any) -> Any:  # noqa: N803
            return self.project_answer(entityName or entity, name)

        return {
            "__typename": "Query",
            "viewer": self.user_answer(),
            "entity": lambda **_: self.entity_answer(),
            "project": project,
            "model": project,
            "artifact": lambda id="", **_: self.artifacts.answer(self.artifacts.by_id.get(id)),  # noqa: A006  # W&B's name
            "serverInfo": {"__typename": "ServerInfo", "features": features, **versions},
        }

    def mutation_root(self) -> dict[str, Any]:
        operations = {
            "upsertBucket": self._upsert_run,
            "rewindRun": self._rewind_run,
            "createRunFiles": self._create_run_files,
            "createArtifact": self.artifacts.create,
            "createArtifactManifest": self.artifacts.create_manifest,
            "createArtifactFiles": self.artifacts.create_files,
            "commitArtifact": self.artifacts.commit,
            "createCustomChart": self._create_chart,
            "upsertView": self._upsert_view,
        }
        return {"__typename": "Mutation", **{name: partial(_with_input, answer) for name, answer in operations.items()}}

    def _upsert_run(self, given: dict[str, Any]) -> dict[str, Any]:
        run = next((run for run in self.runs.values() if run.id == given.get("id")), None)
        is_new = False
        if run is None:
            name = given.get("name") or uuid.uuid4().hex[:8]
            key = (given.get("entityName") or self.entity, given.get("modelName") or "uncategorized", name)
            is_new = key not in self.runs
            run = self.runs.setdefault(key, Run(name, *key[:2]))
            run.state = "running"
        run.set(given)
        settings = {"serverSettings": {"serverMessages": []}}
        return {"__typename": "UpsertBucketPayload", "bucket": self.run_answer(run), "inserted": is_new, **settings}

    def _rewind_run(self, given: dict[str, Any]) -> dict[str, Any]:
        run = self.run(given.get("entityName"), given.get("projectName"), given.get("runName"))
        run.rewind(given["metricName"], given["metricValue"])
        return {"rewoundRun": self.run_answer(run)}

    def _create_chart(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["name"] in self.charts:
            raise RefusedError("a chart of this name already exists")
        self.charts[given["name"]] = given
        return {"chart": {"id": f"{given['entity']}/{given['name']}"}}

    def _upsert_view(self, given: dict[str, Any]) -> dict[str, Any]:
        self.views.append(given)
        return {"view": {"id": identifier("View", len(self.views)), "name": given["name"]}, "inserted": True}

    def _create_run_files(self, given: dict[str, Any]) -> dict[str, Any]:
        run = self.run(given.get("entityName"), given.get("projectName"), given.get("runName"))
        files = [file_answer(run, self, name) for name in given["files"]]
        return {"__typename": "CreateRunFilesPayload", "runID": run.id, "uploadHeaders": [], "files": files}


def hang_up(handler: Any, operation: str) -> bool:
    """A fault: the connection breaks before there is an answer."""
    handler.close_connection = True
    handler.connection.close()
    return True


def _with_input(answer: Callable[[dict[str, Any]], Any], **given: Any) -> Any:
    """Mutations take their arguments one by one, or all in `input`."""
    return answer(given.get("input") or given)


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients die by design in tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_state: WandbServer

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def answer(self, status: int, content: Any, **headers: str) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self._is_faulty(f"GET {path}"):
            return
        content = self.server_state.kept(unquote(path))
        if content is None:
            self._not_found()
        else:
            self.answer(200, content, ETag=f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"')

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        path, content = urlsplit(self.path).path, self._body()
        if self._is_faulty(f"PUT {path}"):
            return
        with self.server_state.lock:
            is_expected = self.server_state.received(path.removeprefix("/upload/"), content)
        if is_expected:
            self.answer(200, b"", ETag=f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"')
        else:
            self._not_found()

    def do_POST(self) -> None:
        path, content = unquote(urlsplit(self.path).path), self._body()
        stream = re.fullmatch(r"/files/([^/]+)/([^/]+)/([^/]+)/file_stream", path)
        if path == "/graphql":
            self._graphql(json.loads(content))
        elif stream:
            self._stream(stream.groups(), json.loads(content))
        elif path.startswith("/sdk/otel/"):  # what the client says of itself, once a process is old enough
            self.answer(200, {})
        else:
            self._not_found()

    def _graphql(self, request: dict[str, Any]) -> None:
        state = self.server_state
        query = Query(request["query"], request.get("variables"), state.unknown)
        state.operations[query.name] += 1
        if self._is_faulty(query.name):
            return
        try:
            with state.lock:
                answer = state.answer(query)
        except RefusedError as error:
            self.answer(200, {"data": None, "errors": [{"message": str(error)}]})
        except Exception as error:  # noqa: BLE001  # a server answers whatever happens; the test sees it in `errors`
            state.errors.append(f"{query.name}: {error!r}")
            self.answer(500, {"errors": [{"message": repr(error)}]})
        else:
            self.answer(200, {"data": answer})

    def _stream(self, place: Any, body: dict[str, Any]) -> None:
        state = self.server_state
        state.operations["file_stream"] += 1
        run = state.run(*place)
        if self._is_faulty("file_stream"):
            return
        if run is None:
            self._not_found()
            return
        with state.lock:
            run.stream(body)
        self.answer(200, {"exitcode": None, "limits": {"hwm": 0}, "stopped": False})

    def _is_faulty(self, operation: str) -> bool:
        return any(fault(self, operation) for fault in self.server_state.faults)

    def _not_found(self) -> None:
        self.server_state.errors.append(f"404 {self.command} {self.path}")
        self.answer(404, {"error": "not found"})

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length")
        content = self.rfile.read(int(length)) if length is not None else self._chunks()
        content = gzip.decompress(content) if self.headers.get("Content-Encoding") == "gzip" else content
        self.server_state.received_bytes.extend([self.requestline.encode(), content])
        return content

    def _chunks(self) -> bytes:
        content = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content
