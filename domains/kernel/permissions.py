"""Permissions: resources, actions, and grants of an action on a resource."""

from enum import StrEnum
from typing import NamedTuple


class PermissionAction(StrEnum):
    """An action on a resource; MANAGE implies all the others."""

    CREATE = "CREATE"
    READ = "READ"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    MANAGE = "MANAGE"
    EXPORT = "EXPORT"
    IMPORT = "IMPORT"


class PermissionResource(StrEnum):
    """The resource of a permission."""

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
    """A granted permission: this action on this resource."""

    resource: PermissionResource
    action: PermissionAction


def implies(held: frozenset[Grant], wanted: Grant) -> bool:
    """Whether the grants include a permission, directly or by MANAGE on its resource."""
    return wanted in held or Grant(wanted.resource, PermissionAction.MANAGE) in held
