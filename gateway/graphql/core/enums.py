"""Enumerations of the domains as GraphQL enums, with the descriptions that the API shows."""

from enum import Enum
from typing import TypeVar

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.errors import ErrorCode
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
    ErrorCode,
    "The stable name of what went wrong: branch on it, never on a message.",
    {
        ErrorCode.ACCOUNT_LOCKED: "Too many failed tries; the account opens again by itself.",
        ErrorCode.ALREADY_EXISTS: "Something else already has this name, slug, SKU or address.",
        ErrorCode.CONFLICT: "It has changed meanwhile, such as a price; read it again and retry.",
        ErrorCode.CYCLE: "It would contain itself.",
        ErrorCode.EXPIRED: "It is past its time.",
        ErrorCode.FORBIDDEN: "The permission for this is missing.",
        ErrorCode.GUEST_CHECKOUT_DISABLED: "This shop sells to customers who are signed in.",
        ErrorCode.IDEMPOTENCY_KEY_REUSED: "The idempotency key was used for another request; take a new one.",
        ErrorCode.INSUFFICIENT_STOCK: "There is not as much as was asked for.",
        ErrorCode.INVALID: "A value is not acceptable.",
        ErrorCode.INVALID_CODE: "The code that was mailed, or the promotion's code, is wrong or no longer good.",
        ErrorCode.INVALID_CREDENTIALS: "The address or the password is wrong, or the address is not confirmed yet.",
        ErrorCode.INVALID_TOKEN: "The token is not one of ours, or is used up.",
        ErrorCode.IN_USE: "Something else still depends on it.",
        ErrorCode.LIMIT_EXCEEDED: "More than is allowed.",
        ErrorCode.NOT_ALLOWED: "A rule of the business forbids it in this state.",
        ErrorCode.NOT_FOUND: "It does not exist, or you may not see it.",
        ErrorCode.ORDER_TOO_LARGE: "It has more lines, units or money in it than the shop takes in one order.",
        ErrorCode.PAYMENT_DECLINED: "The payment provider refused the charge; nothing was taken.",
        ErrorCode.PAYMENT_METHOD_NOT_ACCEPTED: "The shop does not offer this way of paying to you.",
        ErrorCode.RATE_LIMITED: "Too many tries in a short time.",
        ErrorCode.REQUIRED: "A value is missing.",
        ErrorCode.SESSION_REVOKED: "The session has been ended.",
        ErrorCode.TOO_LONG: "A text is longer than allowed.",
        ErrorCode.TOO_MANY_UNPAID_ORDERS: "Too many orders of yours wait to be paid or accepted.",
        ErrorCode.UNAUTHENTICATED: "Nobody is signed in.",
        ErrorCode.WEAK_PASSWORD: "The password is too short or too common.",
    },
)
describe(
    ActorKind,
    "What sort of actor did something.",
    {
        ActorKind.USER: "A user who had signed in.",
        ActorKind.GUEST: "A visitor who had not signed in.",
        ActorKind.SYSTEM: "The system itself.",
        ActorKind.IMPORT: "An import.",
    },
)
