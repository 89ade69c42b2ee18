"""The role domain's types that `node` finds."""

from typing import Final

from domains.role.domain import PERMISSIONS, ROLES
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.role.loaders import load_permissions, load_roles
from gateway.graphql.role.queries import READ_PERMISSIONS
from gateway.graphql.role.types import READ_ROLES, Permission, Role

NODES: Final[list[AnyNodeType]] = [
    NodeType(Role, ROLES, load_roles, READ_ROLES),
    NodeType(Permission, PERMISSIONS, load_permissions, READ_PERMISSIONS),
]
