"""Secret inputs, which are refused in URLs because logs and histories store them (ASVS 14.2.1)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    NullValueNode,
    ObjectFieldNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)

from gateway.graphql.core.errors import RequestRefused

SECRETS: Final = frozenset(
    {
        "accessToken", "card", "cartToken", "currentPassword", "deviceToken", "newPassword", "orderToken", "password",
        "refreshToken", "securityCode", "ticket", "token",
    }
)  # fmt: skip
NAMED: Final = re.compile("|".join(sorted(SECRETS)))


def refuse_secrets(query: str, document: DocumentNode, variables: Mapping[str, Any]) -> None:
    """Raise RequestRefused when a request that came in a URL gives a secret, literally or by a variable."""
    name = _given(variables)
    if name is None and NAMED.search(query):
        literal = _Literal(variables)
        visit(document, literal)
        name = literal.found
    if name is not None:
        message = (
            f"`{name}` is a secret, and URLs are kept in logs and histories. Send the request by POST, "
            "and replace this secret: others may have read it."
        )
        raise RequestRefused("SECRET_IN_URL", message)


def _given(variables: Mapping[str, Any]) -> str | None:
    """The name of a secret that has a value, at any depth."""
    left: list[Any] = [variables]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in SECRETS and inner is not None:
                    return str(name)
                left.append(inner)
        elif isinstance(value, list):
            left.extend(value)
    return None


class _Literal(Visitor):
    """Finds a secret that the document gives, itself or by a variable that has a value."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self._given = {name for name, value in variables.items() if value is not None}
        self.found: str | None = None

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        if node.default_value is not None and not isinstance(node.default_value, NullValueNode):
            self._given.add(node.variable.name.value)

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self._look(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        self._look(node)

    def _look(self, node: ArgumentNode | ObjectFieldNode) -> None:
        value = node.value
        is_given = not isinstance(value, NullValueNode)
        if isinstance(value, VariableNode):
            is_given = value.name.value in self._given
        if is_given and node.name.value in SECRETS:
            self.found = node.name.value
