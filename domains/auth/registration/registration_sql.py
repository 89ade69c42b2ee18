"""SQL of registrations that wait for confirmation. Each statement is atomic."""

from datetime import datetime
from typing import Final
from uuid import UUID

from domains.auth import data
from domains.auth.data import RegistrationRow
from domains.auth.emails.verification_codes import NewCode
from domains.auth.registration.new_accounts import NewUser
from domains.kernel.database import Tx
from domains.kernel.ids import random_id
from domains.kernel.text.names import search_text_of
from domains.role.fragments import ROLES
from domains.role.models import SystemRole

_VALUES: Final = """
insert into registrations
    (id, email, ticket_hash, password_hash, first_name, last_name, phone, code, expires_at, created_at,
     newsletter_subscribed)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
"""
# An account with a password, or a disabled one, belongs to its owner; an invited account is still free.
_CREATE: Final = f"""
{_VALUES}
where not exists (select from users where email = $2 and (password_set_at is not null or not is_active))
returning id
"""
_CREATE_USER: Final = f"""
with person as (
    insert into users (id, email, password_hash, first_name, last_name, phone, search_text, password_set_at,
                       created_at, updated_at, role_id)
    select $12, $2, $4, $5, $6, $7, $13, $10, $10, $10, r.id
    from {ROLES} r where r.company_id is null and r.code = '{SystemRole.CUSTOMER}'
    on conflict (email) do nothing
    returning id
)
{_VALUES} from person
returning id
"""
# The attempt is counted before the code is compared, so that concurrent attempts wait here.
_TRY: Final = f"""
update registrations r set attempts = attempts + 1
where r.ticket_hash = $1 and r.email = $2 and r.expires_at > $3 and r.attempts < $4
returning {data.registration.columns("r")}
"""
_RENEW_CODE: Final = """
update registrations r set id = $3, code = $4, attempts = 0, expires_at = $5
where r.ticket_hash = $1 and r.email = $2 and not exists (
    select from users u
    where u.email = r.email and (not u.is_active or u.email_verified
        or u.password_set_at is not null and u.password_hash is distinct from r.password_hash)
)
returning id
"""
# Other registrations of the address are deleted. One that is being confirmed now has its row locked, and fails.
_ACTIVATE: Final = f"""
with deleted as (
    delete from registrations
    where id = any(array(select id from registrations where email = $2 for update skip locked))
)
insert into users (id, email, password_hash, first_name, last_name, phone, search_text, password_set_at,
                   email_verified, created_at, updated_at, role_id)
select $1, $2, $3, $4, $5, $6, $7, $8, true, $8, $8, r.id
from {ROLES} r where r.company_id is null and r.code = '{SystemRole.CUSTOMER}'
on conflict (email) do update
set password_hash = excluded.password_hash, first_name = excluded.first_name, last_name = excluded.last_name,
    phone = excluded.phone, search_text = excluded.search_text, password_set_at = excluded.password_set_at,
    email_verified = true, updated_at = excluded.updated_at
where users.password_set_at is null and users.is_active
returning id
"""
_CONFIRM_USER: Final = """
update users set email_verified = true, updated_at = $3
where email = $1 and password_hash = $2 and is_active and not email_verified
returning id
"""


async def create(tx: Tx, user: NewUser, ticket_hash: str, code: NewCode, *, now: datetime) -> bool:
    """Create a registration; False without one when the address has an account."""
    return await tx.fetch_value(_CREATE, *_values(user, ticket_hash, code, now)) is not None


async def create_user(tx: Tx, user: NewUser, ticket_hash: str, code: NewCode, *, now: datetime) -> bool:
    """Create an account for use at once, and a registration to confirm its address; False when it is taken."""
    values = _values(user, ticket_hash, code, now)
    return await tx.fetch_value(_CREATE_USER, *values, user.id, user.search_text) is not None


async def try_code(tx: Tx, ticket_hash: str, email: str, *, now: datetime, attempts: int) -> RegistrationRow | None:
    """Count an attempt at the valid code of the registration of a ticket."""
    row = await tx.fetch_row(_TRY, ticket_hash, email, now, attempts)
    return None if row is None else data.registration.from_record(row)


async def renew_code(tx: Tx, ticket_hash: str, email: str, code: NewCode) -> bool:
    """Replace the code of a registration; False when no registration with this ticket waits for confirmation."""
    return await tx.fetch_value(_RENEW_CODE, ticket_hash, email, code.id, code.digest, code.expires_at) is not None


async def activate(tx: Tx, row: RegistrationRow, *, now: datetime) -> UUID | None:
    """Create the user of a registration and delete the others of its address; None when it has an account."""
    text = search_text_of(row.first_name, row.last_name, row.email)
    person = (row.email, row.password_hash, row.first_name, row.last_name, row.phone, text)
    user_id: UUID | None = await tx.fetch_value(_ACTIVATE, random_id(), *person, now)
    return user_id


async def confirm_user(tx: Tx, row: RegistrationRow, *, now: datetime) -> UUID | None:
    """Confirm the address of the account that was created for use at once with this registration."""
    user_id: UUID | None = await tx.fetch_value(_CONFIRM_USER, row.email, row.password_hash, now)
    return user_id


def _values(user: NewUser, ticket_hash: str, code: NewCode, now: datetime) -> tuple[object, ...]:
    person = (user.email, ticket_hash, user.password_hash, user.first_name, user.last_name, user.phone)
    return (code.id, *person, code.digest, code.expires_at, now, user.newsletter_subscribed)
