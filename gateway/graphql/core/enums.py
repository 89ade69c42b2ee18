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
    "What a permission allows on the objects of its resource.",
    {
        PermissionAction.CREATE: "Create objects of the resource.",
        PermissionAction.READ: "Read objects, including those that customers cannot see.",
        PermissionAction.UPDATE: "Change existing objects.",
        PermissionAction.DELETE: "Delete or archive objects.",
        PermissionAction.MANAGE: (
            "Everything: it includes the other actions. Some operations, such as cancelling a paid order, require it."
        ),
        PermissionAction.EXPORT: "Download many objects as a file.",
        PermissionAction.IMPORT: "Upload many objects as a file.",
    },
)
describe(
    PermissionResource,
    "The kind of objects that a permission applies to.",
    {
        PermissionResource.PRODUCTS: "Products with their variants, images and attributes.",
        PermissionResource.CATEGORIES: "The tree of categories, and the attributes that they define.",
        PermissionResource.INVENTORY: "Stock of SKUs, reorder levels and the stock ledger.",
        PermissionResource.ORDERS: "Orders with their payments and refunds, and the carts of all buyers.",
        PermissionResource.USERS: "Customers and members of staff, with their addresses.",
        PermissionResource.ROLES: "Roles, and their assignment to members.",
        PermissionResource.PERMISSIONS: "The list of permissions, and which of them a role has.",
        PermissionResource.PROMOTIONS: "Promotions, their codes and how often they were used.",
        PermissionResource.REVIEWS: "Moderation of product reviews.",
        PermissionResource.SETTINGS: "Settings of the company, such as taxes, shipping and limits.",
        PermissionResource.ANALYTICS: "The activity log of the frontends, the ledger and its reports.",
    },
)
describe(
    ActorKind,
    "Who caused a change.",
    {
        ActorKind.USER: "A logged-in user: a customer or a member of staff.",
        ActorKind.GUEST: "A visitor without a login, such as the guest of an order.",
        ActorKind.SYSTEM: "The platform itself, such as a periodic job or the answer of a payment provider.",
        ActorKind.IMPORT: "An import of a file with products or stock.",
    },
)
