"""Answers GraphQL over plain dicts: a value that can be called is called with the field's arguments.

A field that a dict does not have is null, and noted, so that a test can see what the client asked for that this
server does not know. Nothing is checked against a schema; there is one for clients that ask which fields there are.
"""

from collections import Counter
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    execute_sync,
    parse,
)
from graphql.utilities import value_from_ast_untyped

INTERFACES = {"ArtifactSequence": {"ArtifactCollection"}, "ArtifactPortfolio": {"ArtifactCollection"}}


class RefusedError(Exception):
    """The server answers with an error in GraphQL's own form."""


class Query:
    """One request: `kind` is query or mutation, `name` the operation's."""

    def __init__(self, text: str, variables: dict[str, Any] | None, unknown: Counter) -> None:
        self._document = parse(text)
        definitions = self._document.definitions
        self._operation = next(node for node in definitions if isinstance(node, OperationDefinitionNode))
        self._fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        defaults = {
            variable.variable.name.value: value_from_ast_untyped(variable.default_value)
            for variable in self._operation.variable_definitions or ()
            if variable.default_value is not None
        }
        self._variables = {**defaults, **(variables or {})}
        self._unknown = unknown
        self.kind = self._operation.operation.value
        asked = self._operation.selection_set.selections
        first = asked[0]
        self.is_about_schema = all(isinstance(node, FieldNode) and node.name.value.startswith("__") for node in asked)
        self.name = self._operation.name.value if self._operation.name else first.name.value

    def answer(self, root: dict[str, Any]) -> dict[str, Any]:
        return self._select(root, self._operation.selection_set, {})

    def introspect(self, schema: GraphQLSchema) -> dict[str, Any]:
        result = execute_sync(schema, self._document, variable_values=self._variables)
        if result.errors:
            raise result.errors[0]
        return result.data or {}

    def _select(self, found: dict[str, Any], selections: Any, answer: dict[str, Any]) -> dict[str, Any]:
        kind = found.get("__typename", "?")
        for node in selections.selections:
            if not all(self._is_on(directive) for directive in node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                self._field(found, kind, node, answer)
                continue
            fragment = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            condition = fragment.type_condition.name.value if fragment.type_condition else None
            if condition in (None, kind) or kind == "?" or condition in INTERFACES.get(kind, ()):
                self._select(found, fragment.selection_set, answer)
        return answer

    def _field(self, found: dict[str, Any], kind: str, node: FieldNode, answer: dict[str, Any]) -> None:
        name = node.name.value
        if name not in found:
            self._unknown[kind, name] += 1
        value = found.get(name)
        if callable(value):
            value = value(**{item.name.value: self._value(item.value) for item in node.arguments or ()})
        key = node.alias.value if node.alias else name
        answer[key] = self._complete(value, node.selection_set, answer.get(key))

    def _complete(self, value: Any, selections: Any, before: Any) -> Any:
        if value is None or selections is None:
            return value
        if isinstance(value, list | tuple):
            return [self._complete(inner, selections, None) for inner in value]
        return self._select(value, selections, before if isinstance(before, dict) else {})

    def _is_on(self, directive: Any) -> bool:
        arguments = {item.name.value: self._value(item.value) for item in directive.arguments}
        return bool(arguments.get("if", True)) == (directive.name.value == "include")

    def _value(self, node: Any) -> Any:
        return value_from_ast_untyped(node, self._variables)


def connection(nodes: list[Any], first: int | None = None, after: str | None = None, **_: Any) -> dict[str, Any]:
    """A page of nodes in Relay's form."""
    start = int(after) if after else 0
    end = len(nodes) if first is None else min(len(nodes), start + first)
    page = {
        "endCursor": str(end),
        "hasNextPage": end < len(nodes),
        "hasPreviousPage": start > 0,
        "startCursor": str(start),
    }
    edges = [{"cursor": str(index + 1), "node": node} for index, node in enumerate(nodes[start:end], start)]
    for edge in edges:
        if isinstance(edge["node"], dict) and edge["node"].get("__typename") == "Artifact":
            edge["version"] = f"v{edge['node']['versionIndex']}"
    return {"totalCount": len(nodes), "pageInfo": {"__typename": "PageInfo", **page}, "edges": edges}
