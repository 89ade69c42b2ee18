"""Invariants of roles over the whole installation, checked by `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

MIGRATE: Final = (
    "The tables were changed outside the application. Restore them, or run `commerce migrate` on a backup."
)

INVARIANTS: Final = (
    Invariant(
        "Every system role exists",
        "select code from (values ('SUPER_ADMIN', 100), ('ADMIN', 80), ('MANAGER', 60), ('SUPPORT', 40),"
        " ('CUSTOMER', 0)) as expected (code, priority) where not exists (select from roles"
        " where roles.code = expected.code and roles.priority = expected.priority"
        " and roles.is_system and roles.company_id is null)",
        MIGRATE,
    ),
    Invariant(
        "There is a permission for every action on every resource",
        "select resource, action from unnest(enum_range(null::permission_resource)) as resources (resource)"
        " cross join unnest(enum_range(null::permission_action)) as actions (action)"
        " except select resource, action from permissions",
        MIGRATE,
    ),
    Invariant(
        "The super administrator has every permission",
        "select permissions.resource from permissions where permissions.action = 'MANAGE' and not exists ("
        "select from role_permissions join roles on roles.id = role_permissions.role_id"
        " where roles.code = 'SUPER_ADMIN' and roles.company_id is null"
        " and role_permissions.permission_id = permissions.id)",
        MIGRATE,
    ),
    Invariant(
        "Administrators can govern their company",
        "select permissions.resource from permissions where permissions.action = 'MANAGE'"
        " and permissions.resource in ('USERS', 'ROLES', 'PERMISSIONS', 'SETTINGS') and not exists ("
        "select from role_permissions join roles on roles.id = role_permissions.role_id"
        " where roles.code = 'ADMIN' and roles.company_id is null"
        " and role_permissions.permission_id = permissions.id)",
        "As super administrator, assign these permissions to the role ADMIN again.",
    ),
)
TEXTS: Final = (TextColumns(table="roles", texts=("name", "description"), keys=("code",)),)
ROW_INVARIANTS: Final = (normalized_texts("roles", TEXTS),)
