"""A schema of what this server answers and takes: old clients ask for it first, and leave out what it does not have.

Only the names of the fields count, for that is what clients ask for. `Anything` stands for every type of a value.
"""

from collections.abc import Iterable
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
)

ANYTHING = GraphQLScalarType("Anything")
INPUTS = {
    "CreateArtifactInput": (
        *("entityName", "projectName", "runName", "artifactTypeName", "artifactCollectionName", "digest"),
        *("description", "metadata", "aliases", "ttlDurationSeconds", "enableDigestDeduplication"),
    ),
}


def schema(query: dict[str, Any], mutation: dict[str, Any], others: Iterable[dict[str, Any]]) -> GraphQLSchema:
    """The schema of a server that answers with *query*, *mutation* and dicts such as *others*."""
    inputs = [_input(name, fields) for name, fields in INPUTS.items()]
    return GraphQLSchema(_object(query), _object(mutation), types=[*map(_object, others), *inputs])


def _object(answer: dict[str, Any]) -> GraphQLObjectType:
    fields = {name: GraphQLField(ANYTHING) for name in answer if name != "__typename"}
    return GraphQLObjectType(answer["__typename"], fields)


def _input(name: str, fields: Iterable[str]) -> GraphQLInputObjectType:
    return GraphQLInputObjectType(name, {field: GraphQLInputField(ANYTHING) for field in fields})
