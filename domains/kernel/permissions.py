"""What may be done to what: resources, actions, and the pair of both that a role grants."""

from enum import StrEnum
from typing import NamedTuple


class PermissionAction(StrEnum):
    """What may be done to a resource; MANAGE implies all the others."""

    CREATE = "CREATE"
    READ = "READ"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    MANAGE = "MANAGE"
    EXPORT = "EXPORT"
    IMPORT = "IMPORT"


class PermissionResource(StrEnum):
    """What a permission is about."""

    PRODUCTS = "PRODUCTS"
    CATEGORIES = "CATEGORIES"
    INVENTORY = "INVENTORY"
    ORDERS = "ORDERS"
    USERS = "USERS"
    ROLES = "ROLES"
    PERMISSIONS = "PERMISSIONS"
    PROMOTIONS = "PROMOTIONS"
    REVIEWS = "REVIEWS"
    SETTINGS = "SETTINGS"
    ANALYTICS = "ANALYTICS"


class Grant(NamedTuple):
    """One permission held: this action on this resource."""

    resource: PermissionResource
    action: PermissionAction


def implies(held: frozenset[Grant], wanted: Grant) -> bool:
    """Whether the grants held include the wanted one, itself or by MANAGE on its resource."""
    return wanted in held or Grant(wanted.resource, PermissionAction.MANAGE) in held
