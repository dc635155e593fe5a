"""What the server knows of artifacts: collections, their versions, and the files that a version brings."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from wandb_server.graphql_answers import RefusedError, connection
from wandb_server.runs import NOW, Run, identifier


@dataclass
class Version:
    """One version of an artifact; `index` is None until it is committed."""

    id: str
    digest: str
    collection: "Collection"
    run: Run | None
    metadata: str | None
    description: str | None
    given_aliases: list[str]
    ttl: int | None = None
    index: int | None = None
    manifest: bytes | None = None

    @property
    def is_committed(self) -> bool:
        return self.index is not None

    @property
    def contents(self) -> dict[str, Any]:
        """Entries of the manifest by name."""
        return json.loads(self.manifest)["contents"] if self.manifest else {}

    @property
    def aliases(self) -> list[str]:
        own = [alias for alias, version in self.collection.aliases.items() if version is self]
        return [*own, f"v{self.index}"] if self.is_committed else own


@dataclass
class Collection:
    """All versions under one name; a file that any of them brought is not asked for again."""

    id: str
    name: str
    type: str
    project: tuple[str, str]
    versions: list[Version] = field(default_factory=list)
    aliases: dict[str, Version] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def committed(self) -> list[Version]:
        return [version for version in self.versions if version.is_committed]

    def find(self, alias: str) -> Version | None:
        for version in self.committed:
            if alias in (f"v{version.index}", version.digest) or self.aliases.get(alias) is version:
                return version
        return None

    def commit(self, version: Version) -> None:
        if not version.is_committed:
            version.index = len(self.committed)
            self.aliases |= dict.fromkeys(version.given_aliases, version)


class Artifacts:
    """Every artifact of the server, and the answers about them."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.by_id: dict[str, Version] = {}
        self.collections: dict[tuple[str, str, str], Collection] = {}

    def of_run(self, run: Run) -> list[dict[str, Any]]:
        return [self.answer(version) for version in self.by_id.values() if version.run is run and version.is_committed]

    def named(self, project: tuple[str, str], name: str) -> Version | None:
        """The version that `name:alias` stands for."""
        name, _, alias = name.partition(":")
        collection = self.collections.get((*project, name))
        return collection and collection.find(alias or "latest")

    def create(self, given: dict[str, Any]) -> dict[str, Any]:
        project = (given["entityName"], given["projectName"])
        name = given.get("artifactCollectionName") or given["artifactCollectionNames"][0]
        kind = given["artifactTypeName"]
        key = (*project, name)
        collection = self.collections.setdefault(key, Collection(identifier("Collection", *key), name, kind, project))
        if collection.type != kind:
            raise RefusedError(f"artifact collection {name!r} already exists with type {collection.type!r}")
        aliases = [alias["alias"] for alias in given.get("aliases") or []]
        version = next((v for v in collection.committed if v.digest == given["digest"]), None)
        if version is None or not given.get("enableDigestDeduplication"):
            version = Version(
                id=identifier("Artifact", len(self.by_id) + 1),
                digest=given["digest"],
                collection=collection,
                run=self._server.run(*project, given.get("runName")),
                metadata=given.get("metadata"),
                description=given.get("description"),
                given_aliases=aliases,
                ttl=given.get("ttlDurationSeconds"),
            )
            self.by_id[version.id] = version
            collection.versions.append(version)
        else:
            collection.aliases |= dict.fromkeys(aliases, version)
        return {"__typename": "CreateArtifactPayload", "artifact": self.answer(version)}

    def create_manifest(self, given: dict[str, Any]) -> dict[str, Any]:
        version = self.by_id[given["artifactID"]]
        place = {"uploadUrl": self._server.upload(lambda data: setattr(version, "manifest", data)), "uploadHeaders": []}
        file = {"__typename": "File", "id": version.id, "name": "wandb_manifest.json", "directUrl": None, **place}
        manifest = {"__typename": "ArtifactManifest", "id": version.id, "file": {"displayName": file["name"], **file}}
        return {"artifactManifest": manifest}

    def create_files(self, given: dict[str, Any]) -> dict[str, Any]:
        nodes = [self._new_file(file) for file in given["artifactFiles"]]
        return {"__typename": "CreateArtifactFilesPayload", "files": connection(nodes)}

    def commit(self, given: dict[str, Any]) -> dict[str, Any]:
        version = self.by_id[given["artifactID"]]
        version.collection.commit(version)
        return {"artifact": self.answer(version)}

    def _new_file(self, given: dict[str, Any]) -> dict[str, Any]:
        version, md5 = self.by_id[given["artifactID"]], given["md5"]
        files = version.collection.files
        url = None if md5 in files else self._server.upload(lambda data: files.__setitem__(md5, data))
        return {
            "__typename": "File",
            "id": identifier("ArtifactFile", version.id, given["name"]),
            "name": given["name"],
            "displayName": given["name"],
            "storagePath": f"wandb_artifacts/{md5}",
            "uploadHeaders": [],
            "uploadMultipartUrls": None,
            "artifact": self.answer(version),
            "uploadUrl": url,
        }

    def answer(self, version: Version | None) -> dict[str, Any] | None:
        if version is None:
            return None
        collection = version.collection
        manifest = version.manifest and {
            "__typename": "ArtifactManifest",
            "id": version.id,
            "file": {"__typename": "File", "directUrl": self._server.blob(version.manifest)},
        }
        return {
            "__typename": "Artifact",
            "id": version.id,
            "state": "COMMITTED" if version.is_committed else "PENDING",
            "digest": version.digest,
            "digestAlgorithm": "MANIFEST_MD5",
            "versionIndex": version.index,
            "description": version.description,
            "metadata": version.metadata,
            "createdAt": NOW,
            "updatedAt": NOW,
            "commitHash": hashlib.sha256(version.id.encode()).hexdigest()[:20],
            "fileCount": len(version.contents),
            "size": sum(entry.get("size", 0) for entry in version.contents.values()),
            "historyStep": None,
            "ttlDurationSeconds": -2 if version.ttl is None else version.ttl,
            "ttlIsInherited": version.ttl is None,
            "tags": [],
            "artifactType": {"__typename": "ArtifactType", "id": collection.type, "name": collection.type},
            "artifactSequence": lambda **_: self.collection_answer(collection),
            "aliases": [self._alias(collection, alias) for alias in version.aliases],
            "currentManifest": manifest,
            "files": lambda **options: self._files(version, **options),
            "createdBy": lambda **_: self._server.run_answer(version.run),
            "artifactMemberships": lambda **_: connection([self.membership_answer(version)]),
        }

    def collection_answer(self, collection: Collection | None) -> dict[str, Any] | None:
        if collection is None:
            return None
        newest_first = list(reversed(collection.committed))
        return {
            "__typename": "ArtifactSequence",
            "id": collection.id,
            "name": collection.name,
            "state": "READY",
            "description": None,
            "createdAt": NOW,
            "updatedAt": NOW,
            "project": lambda **_: self._server.project_answer(*collection.project),
            "type": {"name": collection.type},
            "defaultArtifactType": {"__typename": "ArtifactType", "id": collection.type, "name": collection.type},
            "tags": connection([]),
            "latestArtifact": lambda **_: self.answer(newest_first[0] if newest_first else None),
            "aliases": lambda **_: connection([self._alias(collection, alias) for alias in collection.aliases]),
            "artifactMembership": lambda aliasName="latest", **_: self.membership_answer(collection.find(aliasName)),  # noqa: N803
            "artifactMemberships": lambda **options: connection(
                list(map(self.membership_answer, newest_first)), **options
            ),
            "artifacts": lambda **options: connection(list(map(self.answer, newest_first)), **options),
        }

    def membership_answer(self, version: Version | None) -> dict[str, Any] | None:
        if version is None:
            return None
        return {
            "__typename": "ArtifactCollectionMembership",
            "id": identifier("Membership", version.id),
            "versionIndex": version.index,
            "createdAt": NOW,
            "aliases": [self._alias(version.collection, alias) for alias in version.aliases],
            "artifactCollection": lambda **_: self.collection_answer(version.collection),
            "artifact": lambda **_: self.answer(version),
            "files": lambda **options: self._files(version, **options),
        }

    def _alias(self, collection: Collection, alias: str) -> dict[str, Any]:
        return {
            "__typename": "ArtifactAlias",
            "id": identifier("Alias", collection.id, alias),
            "alias": alias,
            "artifactCollectionName": collection.name,
            "artifactCollection": lambda **_: self.collection_answer(collection),
        }

    def _files(self, version: Version, names: list[str] | None = None, **options: Any) -> dict[str, Any]:
        nodes = []
        for name, entry in version.contents.items():
            content = version.collection.files.get(entry["digest"])
            if names and name not in names:
                continue
            url = None if content is None else self._server.blob(content)
            nodes.append(
                {
                    "__typename": "File",
                    "id": identifier("File", version.id, name),
                    "name": name,
                    "displayName": name,
                    "sizeBytes": entry.get("size", 0),
                    "md5": entry["digest"],
                    "digest": entry["digest"],
                    "mimetype": None,
                    "updatedAt": NOW,
                    "storagePath": None,
                    "directUrl": url,
                    "url": url,
                }
            )
        return connection(nodes, options.get("first"), options.get("after"))
