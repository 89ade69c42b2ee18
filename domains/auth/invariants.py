"""What must hold over all accounts and no constraint can say; `commerce doctor` asks."""

from typing import Final

from domains.kernel.actor import SUPER_ADMIN
from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import Texts, in_form

INVARIANTS: Final = (
    Invariant(
        "Somebody active runs the platform",
        f"select count(*) as users from users having count(*) > 0 and not exists (select from users u "  # noqa: S608
        f"join roles r on r.id = u.role_id where u.is_active and r.company_id is null and r.code = '{SUPER_ADMIN}')",
        "Nobody can govern all companies: run `commerce create-admin`.",
    ),
    Invariant(
        "Platform-wide roles are the system's",
        "select u.id, r.code from users u join roles r on r.id = u.role_id where r.company_id is not null limit 20",
        "Set role_id of these users to the CUSTOMER role; a company's role belongs into a membership.",
    ),
    Invariant(
        "Memberships have roles of their company or the system",
        "select m.id, m.company_id, r.company_id as role_company_id from memberships m "
        "join roles r on r.id = m.role_id where r.company_id <> m.company_id limit 20",
        "Give these memberships a role of their own company.",
    ),
    Invariant(
        "Whoever is disabled everywhere has no live session",
        "select s.id, s.user_id from user_sessions s join users u on u.id = s.user_id "
        "where not u.is_active and s.ended_at is null limit 20",
        "The sessions open nothing, but should say so: set ended_at and end_reason 'USER_DISABLED'.",
    ),
)
TEXTS: Final = (
    Texts(table="users", texts=("first_name", "last_name", "phone"), keys=("email", "pending_email")),
    Texts(table="memberships", texts=("invited_first_name", "invited_last_name"), keys=("invited_email",)),
)
INSPECTIONS: Final = (in_form("accounts", TEXTS),)
