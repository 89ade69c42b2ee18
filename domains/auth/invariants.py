"""Invariants of users and memberships, checked by `commerce doctor`."""

from typing import Final

from domains.kernel.actor import SUPER_ADMIN
from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts
from domains.role.fragments import ROLES

INVARIANTS: Final = (
    Invariant(
        "The platform has an active super administrator",
        f"select count(*) as users from users having count(*) > 0 and not exists (select from users u "  # noqa: S608
        f"join {ROLES} r on r.id = u.role_id "
        f"where u.is_active and r.company_id is null and r.code = '{SUPER_ADMIN}')",
        "No user can manage all companies: run `commerce create-admin`.",
    ),
    Invariant(
        "Roles of users on the platform are system roles",
        f"select u.id, r.code from users u join {ROLES} r on r.id = u.role_id "  # noqa: S608 - a fragment of role
        "where r.company_id is not null limit 20",
        "Set role_id of these users to the CUSTOMER role. A company's role belongs in a membership.",
    ),
    Invariant(
        "Roles of memberships belong to the company or the system",
        f"select m.id, m.company_id, r.company_id as role_company_id from memberships m "  # noqa: S608
        f"join {ROLES} r on r.id = m.role_id where r.company_id <> m.company_id limit 20",
        "Give these memberships a role of their own company.",
    ),
    Invariant(
        "Users who are disabled on the platform have no active session",
        "select s.id, s.user_id from user_sessions s join users u on u.id = s.user_id "
        "where not u.is_active and s.ended_at is null limit 20",
        "The sessions give no access. Set ended_at and end_reason 'USER_DISABLED'.",
    ),
)
TEXTS: Final = (
    TextColumns(table="users", texts=("first_name", "last_name", "phone"), keys=("email", "pending_email")),
    TextColumns(table="memberships", texts=("invited_first_name", "invited_last_name"), keys=("invited_email",)),
)
ROW_INVARIANTS: Final = (normalized_texts("users", TEXTS),)
