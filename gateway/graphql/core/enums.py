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
    "What may be done to a resource.",
    {
        PermissionAction.CREATE: "Make new ones.",
        PermissionAction.READ: "See them.",
        PermissionAction.UPDATE: "Change them.",
        PermissionAction.DELETE: "Remove them.",
        PermissionAction.MANAGE: "Everything: it implies all the other actions.",
        PermissionAction.EXPORT: "Take them out in bulk.",
        PermissionAction.IMPORT: "Bring them in in bulk.",
    },
)
describe(
    PermissionResource,
    "What a permission is about.",
    {
        PermissionResource.PRODUCTS: "Products, their variants, images and attributes.",
        PermissionResource.CATEGORIES: "The tree of categories.",
        PermissionResource.INVENTORY: "Stock and its movements.",
        PermissionResource.ORDERS: "Orders, carts and refunds.",
        PermissionResource.USERS: "Customers and members of staff, with their addresses.",
        PermissionResource.ROLES: "Roles and who holds them.",
        PermissionResource.PERMISSIONS: "What a role permits.",
        PermissionResource.PROMOTIONS: "Promotions and their use.",
        PermissionResource.REVIEWS: "Reviews of products.",
        PermissionResource.SETTINGS: "The company's settings.",
        PermissionResource.ANALYTICS: "What visitors did.",
    },
)
describe(
    ActorKind,
    "What sort of actor did something.",
    {
        ActorKind.USER: "A user who had logged in.",
        ActorKind.GUEST: "A visitor who had not logged in.",
        ActorKind.SYSTEM: "The system itself.",
        ActorKind.IMPORT: "A file of products or stock that staff have imported.",
    },
)
