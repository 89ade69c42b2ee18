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
        "accessToken", "card", "cards", "cartToken", "credentials", "currentPassword", "deviceToken",
        "giftCardCode", "newPassword", "orderToken", "password", "refreshToken", "securityCode", "ticket", "token",
    }
)  # fmt: skip
SECRET_NAME: Final = re.compile("|".join(sorted(SECRETS)))


def refuse_secrets(query: str, document: DocumentNode, variables: Mapping[str, Any]) -> None:
    """Raise RequestRefused when a request in a URL has a secret, as a literal or in a variable."""
    name = _secret_in(variables) or secret_literal(query, document, variables)
    if name is not None:
        message = (
            f"`{name}` is a secret, and URLs are stored in logs and histories. Send the request by POST, "
            "and replace this secret: it may have been logged."
        )
        raise RequestRefused("SECRET_IN_URL", message)


def secret_literal(query: str, document: DocumentNode, variables: Mapping[str, Any]) -> str | None:
    """The name of a secret whose value a document contains or takes from one of these variables, or None."""
    if not SECRET_NAME.search(query):
        return None
    literal = _Literal(variables)
    visit(document, literal)
    return literal.secret_name


def _secret_in(variables: Mapping[str, Any]) -> str | None:
    """The name of a secret that has a value, at any depth."""
    remaining: list[Any] = [variables]
    while remaining:
        value = remaining.pop()
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in SECRETS and inner is not None:
                    return str(name)
                remaining.append(inner)
        elif isinstance(value, list):
            remaining.extend(value)
    return None


class _Literal(Visitor):
    """Finds a secret in the document, as a literal or as a variable with a value."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self._set_variables = {name for name, value in variables.items() if value is not None}
        self.secret_name: str | None = None

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        if node.default_value is not None and not isinstance(node.default_value, NullValueNode):
            self._set_variables.add(node.variable.name.value)

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self._check(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        self._check(node)

    def _check(self, node: ArgumentNode | ObjectFieldNode) -> None:
        value = node.value
        has_value = not isinstance(value, NullValueNode)
        if isinstance(value, VariableNode):
            has_value = value.name.value in self._set_variables
        if has_value and node.name.value in SECRETS:
            self.secret_name = node.name.value
