"""Enumerations of the domains as GraphQL enums, with the descriptions that the API shows."""

from enum import Enum
from typing import TypeVar

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource

E = TypeVar("E", bound=Enum)


def describe(enum: type[E], description: str, members: dict[E, str], *, name: str | None = None) -> type[E]:
    """Make a domain's enum a GraphQL enum, every member described.

    Raises ValueError when a member has no description, so that none is forgotten.
    """
    missing = [member.name for member in enum if member not in members]
    if missing:
        raise ValueError(f"{enum.__name__}: no description for {', '.join(missing)}")
    described = strawberry.enum(enum, description=description, name=name)
    for value in described.__strawberry_definition__.values:  # type: ignore[attr-defined] # set by strawberry.enum
        value.description = members[enum[value.name]]
    return described


describe(
    PermissionAction,
    "An action on a resource.",
    {
        PermissionAction.CREATE: "Create objects.",
        PermissionAction.READ: "Read objects.",
        PermissionAction.UPDATE: "Change objects.",
        PermissionAction.DELETE: "Delete objects.",
        PermissionAction.MANAGE: "All actions: it includes all other ones.",
        PermissionAction.EXPORT: "Export objects in bulk.",
        PermissionAction.IMPORT: "Import objects in bulk.",
    },
)
describe(
    PermissionResource,
    "The kind of objects that a permission applies to.",
    {
        PermissionResource.PRODUCTS: "Products, their variants, images and attributes.",
        PermissionResource.CATEGORIES: "The tree of categories.",
        PermissionResource.INVENTORY: "Stock and its movements.",
        PermissionResource.ORDERS: "Orders, carts and refunds.",
        PermissionResource.USERS: "Customers and members of staff, with their addresses.",
        PermissionResource.ROLES: "Roles, and the members who have them.",
        PermissionResource.PERMISSIONS: "The permissions of roles.",
        PermissionResource.PROMOTIONS: "Promotions and their use.",
        PermissionResource.REVIEWS: "Reviews of products.",
        PermissionResource.SETTINGS: "The company's settings.",
        PermissionResource.ANALYTICS: "The activity log of visitors.",
    },
)
describe(
    ActorKind,
    "The kind of actor who did something.",
    {
        ActorKind.USER: "A logged-in user.",
        ActorKind.GUEST: "A visitor without a login.",
        ActorKind.SYSTEM: "The system itself.",
        ActorKind.IMPORT: "An import of products or stock by staff.",
    },
)
