"""SQL of the auth domain that the generated verbs cannot express."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from domains.auth import data
from domains.auth.data import UserRow, UserSessionRow, VerificationCodeRow
from domains.auth.models import Origin, User, UserFilter, UserSort
from domains.kernel.actor import SUPER_ADMIN, ActorRole
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Column, Keyset
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.pagination.sql_lists import fetch_list, present_conditions
from domains.kernel.permissions import Grant, PermissionAction
from domains.kernel.text.names import search_patterns
from domains.role.fragments import GRANTED_ROLES, ROLES
from domains.role.models import SystemRole

_INVITED: Final = "(m.id is not null and m.accepted_at is null)"


def _visible_value(account_value: str, invitation_value: str) -> str:
    """The value that company $1 sees: of an invited user who has not logged in there, the value of the invitation."""
    return f"case when {_INVITED} then {invitation_value} else {account_value} end"


# The role in company $1: that of the platform for super administrators, else of the accepted, active membership.
_EFFECTIVE_ROLE: Final = (
    f"case when p.code = '{SUPER_ADMIN}' then p.id when m.is_active and m.accepted_at is not null then m.role_id end"
)
_VISIBLE_ROLE: Final = (
    f"case when p.code = '{SUPER_ADMIN}' and not {_INVITED} then p.id else coalesce(m.role_id, u.role_id) end"
)
_VISIBLE_ACTIVE: Final = _visible_value(
    f"(u.is_active and (p.code = '{SUPER_ADMIN}' or coalesce(m.is_active, true)))", "m.is_active"
)
_VISIBLE_EMAIL: Final = _visible_value("u.email", "m.invited_email")
_VISIBLE_LAST_NAME: Final = _visible_value("u.last_name", "m.invited_last_name")
_VISIBLE_VERIFIED: Final = f"(u.email_verified and not {_INVITED})"
_VISIBLE_USER: Final = f"""
u.id, {_VISIBLE_EMAIL}, {_visible_value("u.first_name", "m.invited_first_name")}, {_VISIBLE_LAST_NAME},
{_visible_value("u.phone", "null")},
{_VISIBLE_ACTIVE}, {_VISIBLE_VERIFIED}, {_visible_value("u.pending_email", "null")},
coalesce(m.created_at, u.created_at), {_visible_value("u.updated_at", "m.updated_at")}, {_VISIBLE_ROLE}
"""
_USER: Final = f"""
select {_VISIBLE_USER}
from users u
join {ROLES} p on p.id = u.role_id
left join memberships m on m.company_id = $1 and m.user_id = u.id
where u.id = any($2::uuid[])
"""
_ACTOR: Final = f"""
select r.id, r.code, r.priority, r.version, s.last_activity
from user_sessions s
join users u on u.id = s.user_id
join {ROLES} p on p.id = u.role_id
left join memberships m on m.company_id = $1 and m.user_id = u.id
join {ROLES} r on r.id = {_EFFECTIVE_ROLE}
where s.id = $2 and s.user_id = $3 and s.ended_at is null and s.expires_at > $4 and s.last_activity > $5
  and u.is_active
"""
_ROLE: Final = f"""
select r.id, r.code, r.priority, r.version
from users u
join {ROLES} p on p.id = u.role_id
left join memberships m on m.company_id = $1 and m.user_id = u.id
join {ROLES} r on r.id = {_EFFECTIVE_ROLE}
where u.id = $2 and u.is_active
"""
# Invited users need a confirmed address to log in: without it, the account may belong to someone else.
_ACCOUNT: Final = f"""
select {data.user.columns("u")},
       coalesce(m.is_active and (m.accepted_at is not null or u.email_verified), true) or p.code = '{SUPER_ADMIN}'
       as has_access
from users u
join {ROLES} p on p.id = u.role_id
left join memberships m on m.company_id = $1 and m.user_id = u.id
where u.email = $2
"""
# The lock makes a login wait for a concurrent change of the password or disabling of the user.
_OPEN: Final = f"""
with person as (
    select id from users where id = $2 and is_active and password_hash is not distinct from $3 for share
)
insert into user_sessions as s
    (id, user_id, refresh_token, ip_address, user_agent, created_at, last_activity, expires_at)
select $1, id, $4, $5, $6, $7, $7, $8 from person
returning {data.user_session.columns("s")}
"""
_JOIN: Final = f"""
insert into memberships (id, company_id, user_id, role_id, created_at, updated_at, accepted_at)
select $2, $1, $3, r.id, $4, $4, $4 from {ROLES} r where r.company_id is null and code = '{SystemRole.CUSTOMER}'
on conflict (company_id, user_id) do update
set accepted_at = $4, updated_at = $4,
    invited_email = null, invited_first_name = null, invited_last_name = null, invited_search_text = null
where memberships.accepted_at is null and (select email_verified from users where id = $3)
"""
_ROTATE: Final = f"""
update user_sessions s
set refresh_token = $2, last_activity = $3, ip_address = $4, user_agent = $5
from users u
where s.refresh_token = $1 and u.id = s.user_id and u.is_active
  and s.ended_at is null and s.expires_at > $3 and s.last_activity > $6
returning {data.user_session.columns("s")}
"""
_FAMILY: Final = """
select s.id, u.id, u.email
from spent_refresh_tokens t
join user_sessions s on s.id = t.session_id
join users u on u.id = s.user_id
where t.token_hash = $1
"""
_RENEW_CODE: Final = """
with deleted as (
    delete from verification_codes where user_id = $2 and type = 'EMAIL'
)
insert into verification_codes (id, user_id, code, type, target, expires_at, created_at)
select $1, id, $4, 'EMAIL', $3, $5, $6 from users where id = $2 and is_active
returning user_id
"""
# The attempt is counted before the code is compared, so that concurrent attempts wait here.
_TRY_CODE: Final = f"""
update verification_codes c set attempts = attempts + 1
from users u
where u.id = c.user_id and u.is_active and c.type = 'EMAIL' and c.target = $1
  and u.id = $2
  and not c.is_used and c.expires_at > $3 and c.attempts < $4
returning {data.verification_code.columns("c")}, {data.user.columns("u")}
"""
_ISSUE_RESET: Final = """
insert into password_reset_tokens (id, user_id, token_hash, expires_at, created_at)
select $1, id, $3, $4, $5 from users where email = $2 and is_active
returning user_id
"""
_USE_RESET: Final = """
update password_reset_tokens t set is_used = true
from users u
where t.token_hash = $1 and not t.is_used and t.expires_at > $2 and u.id = t.user_id and u.is_active
returning u.id
"""
_RESETTABLE: Final = f"""
select {data.user.columns("u")}
from password_reset_tokens t
join users u on u.id = t.user_id
where t.token_hash = $1 and not t.is_used and t.expires_at > $2 and u.is_active
"""


_MEMBERS: Final = f"""
from memberships m
join users u on u.id = m.user_id
join {ROLES} p on p.id = u.role_id
where m.company_id = $1
"""
_TARGET: Final = f"""
select r.id, r.code, r.priority, m.id is not null, p.code = '{SUPER_ADMIN}'
from users u
join {ROLES} p on p.id = u.role_id
left join memberships m on m.company_id = $1 and m.user_id = u.id
join {ROLES} r on r.id = {_VISIBLE_ROLE}
where u.id = $2 and u.erased_at is null
for no key update of u
"""
_WITH_ROLE: Final = """
select count(distinct user_id) from (
    select user_id from memberships where company_id = $1 and role_id = $2
    union all
    select id from users where role_id = $2
) as users_with_role
"""
_SUPER_ADMINISTRATORS: Final = f"""
select u.id from users u
where u.is_active and u.role_id = (select r.id from {ROLES} r where r.company_id is null and r.code = '{SUPER_ADMIN}')
order by u.id
for no key update
"""
# From the few roles and super administrators to their memberships: the customers of the company are not read.
_WITH_GRANT: Final = f"""
with found as (
    select m.id, m.user_id
    from (select distinct g.role_id from {GRANTED_ROLES} g
          where g.resource = $2::permission_resource and g.action = any($3::permission_action[])) as granted
    cross join lateral (
        select m.id, m.user_id from memberships m
        join users u on u.id = m.user_id and u.is_active
        where m.company_id = $1 and m.role_id = granted.role_id and m.is_active and m.accepted_at is not null
        order by m.id limit $4) as m
    union
    select m.id, m.user_id
    from users u
    cross join lateral (
        select m.id, m.user_id from memberships m
        where m.company_id = $1 and m.user_id = u.id and m.is_active and m.accepted_at is not null limit 1) as m
    where u.is_active
      and u.role_id = (select r.id from {ROLES} r where r.company_id is null and r.code = '{SUPER_ADMIN}')
)
select user_id from found order by id limit $4
"""
_SORTED_BY: Final = {
    UserSort.CREATED_AT: Column("m.created_at", datetime),
    UserSort.EMAIL: Column(_VISIBLE_EMAIL, str),
    UserSort.LAST_NAME: Column(_VISIBLE_LAST_NAME, str),
}


@dataclass(frozen=True, slots=True)
class TargetUser:
    """A user whom an administrator changes: the role, and whether they are a member or a super administrator."""

    role: ActorRole
    is_member: bool
    is_super_administrator: bool


@dataclass(frozen=True, slots=True)
class EffectiveRole:
    """The role of a user in the current company, with its present version."""

    role: ActorRole
    version: int


async def users_by_id(db: Reader, ids: Sequence[UUID]) -> list[User]:
    """The users as the handle's company knows them, in no order."""
    return [User(*record) for record in await db.fetch(_USER, db.company_id, ids)]


async def actor(
    db: Reader, session_id: UUID, user_id: UUID, *, now: datetime, idle_since: datetime
) -> tuple[EffectiveRole, datetime] | None:
    """The role of the user of an active session, and when it was last active; None without access to the company."""
    row = await db.fetch_row(_ACTOR, db.company_id, session_id, user_id, now, idle_since)
    return None if row is None else (_role(row), row[4])


async def effective_role(db: Reader, user_id: UUID) -> EffectiveRole | None:
    """The role of a user in the company; None without access to it."""
    row = await db.fetch_row(_ROLE, db.company_id, user_id)
    return None if row is None else _role(row)


async def account(db: Reader, email: str) -> tuple[UserRow | None, bool]:
    """The account of an address, if there is one, and whether it has access to the company."""
    row = await db.fetch_row(_ACCOUNT, db.company_id, email)
    return (None, False) if row is None else (data.user.from_record(row), row["has_access"])


async def open_session(
    tx: Tx,
    user_id: UUID,
    password_hash: str | None,
    refresh_token: str,
    origin: Origin,
    *,
    now: datetime,
    expires_at: datetime,
) -> UserSessionRow | None:
    """Create a session, unless the user was disabled or the password has changed."""
    values = (user_id, password_hash, refresh_token, origin.ip, origin.user_agent, now, expires_at)
    row = await tx.fetch_row(_OPEN, new_id(), *values)
    return None if row is None else data.user_session.from_record(row)


async def join_company(tx: Tx, user_id: UUID) -> None:
    """Make the user a customer of the company unless they are a member, and accept an invitation."""
    await tx.execute(_JOIN, tx.company_id, new_id(), user_id, tx.clock.now())


async def rotate(
    tx: Tx, used_hash: str, new_hash: str, origin: Origin, *, now: datetime, idle_since: datetime
) -> UserSessionRow | None:
    """Replace a refresh token by a new one. Of concurrent requests one finds it."""
    row = await tx.fetch_row(_ROTATE, used_hash, new_hash, now, origin.ip, origin.user_agent, idle_since)
    return None if row is None else data.user_session.from_record(row)


async def family(tx: Tx, used_hash: str) -> tuple[UUID, UUID, str] | None:
    """The session that used this token before, its user and their e-mail address."""
    row = await tx.fetch_row(_FAMILY, used_hash)
    return None if row is None else (row[0], row[1], row[2])


async def renew_code(
    tx: Tx, code_id: UUID, user_id: UUID, target: str, code_digest: str, *, expires_at: datetime, now: datetime
) -> bool:
    """Replace all codes of the user by a new one; False when there is no active user."""
    return await tx.fetch_value(_RENEW_CODE, code_id, user_id, target, code_digest, expires_at, now) is not None


async def try_code(
    tx: Tx, target: str, user_id: UUID, *, now: datetime, attempts: int
) -> tuple[VerificationCodeRow, UserRow] | None:
    """Count an attempt at the valid code that was sent to the new address of a user."""
    row = await tx.fetch_row(_TRY_CODE, target, user_id, now, attempts)
    if row is None:
        return None
    code = data.verification_code.from_record(row)
    return code, data.user.from_record(row, len(row) - len(UserRow.__slots__))


async def issue_reset(tx: Tx, email: str, token_hash: str, *, expires_at: datetime, now: datetime) -> bool:
    """Store a reset token for the user of an address; False, by the same statement, when there is none."""
    return await tx.fetch_value(_ISSUE_RESET, new_id(), email, token_hash, expires_at, now) is not None


async def resettable(db: Reader, token_hash: str, *, now: datetime) -> UserRow | None:
    """The user whose password a token resets; None for an invalid token."""
    row = await db.fetch_row(_RESETTABLE, token_hash, now)
    return None if row is None else data.user.from_record(row)


async def use_reset(tx: Tx, token_hash: str, *, now: datetime) -> UUID | None:
    """Use up a token. Of concurrent requests one gets the user's id."""
    used: UUID | None = await tx.fetch_value(_USE_RESET, token_hash, now)
    return used


async def members_by_id(db: Reader, user_ids: Sequence[UUID]) -> list[User]:
    """The members of the company among the users of these ids, in no order."""
    rows = await db.fetch(f"select {_VISIBLE_USER} {_MEMBERS} and u.id = any($2)", db.company_id, user_ids)
    return [User(*row) for row in rows]


async def find_members(
    db: Reader, page: PageArgs, filter: UserFilter, sort: UserSort, *, descending: bool
) -> Page[User]:
    """A page of the company's members; one statement, and one more when they are counted."""
    columns = (_SORTED_BY[sort], Column("m.id", UUID))
    keyset = Keyset.of(page, columns, order=sort, descending=descending)
    searched = search_patterns(filter.search)
    conditions = present_conditions(
        {
            f"{_visible_value('u.search_text', 'm.invited_search_text')} like any({{}}::text[])": searched,
            f"{_VISIBLE_ROLE} = any({{}}::uuid[])": filter.role_ids,
            f"{_VISIBLE_ACTIVE} = {{}}": filter.is_active,
            f"{_VISIBLE_VERIFIED} = {{}}": filter.email_verified,
        }
    )
    rows = await fetch_list(db, keyset, select=_VISIBLE_USER, source=_MEMBERS, conditions=conditions)
    return rows.map(lambda row: User(*row[: -len(columns)]))


async def members_with(db: Reader, grant: Grant, *, take: int) -> list[UUID]:
    """The active users who are members of the company and may do something there, by the age of the membership."""
    actions = [grant.action, PermissionAction.MANAGE]
    return [row["user_id"] for row in await db.fetch(_WITH_GRANT, db.company_id, grant.resource, actions, take)]


async def lock_target(tx: Tx, user_id: UUID) -> TargetUser | None:
    """A user to be changed, locked until the end of the transaction."""
    row = await tx.fetch_row(_TARGET, tx.company_id, user_id)
    return None if row is None else TargetUser(ActorRole(row[0], row[1], row[2]), row[3], row[4])


async def count_with_role(tx: Tx, role_id: UUID) -> int:
    """How many users have a role, in the company or on the platform."""
    count: int = await tx.fetch_value(_WITH_ROLE, tx.company_id, role_id)
    return count


async def lock_super_administrators(tx: Tx) -> list[UUID]:
    """The active super administrators, locked in the order of their ids."""
    return [row[0] for row in await tx.fetch(_SUPER_ADMINISTRATORS)]


def _role(row: asyncpg.Record) -> EffectiveRole:
    return EffectiveRole(ActorRole(row[0], row[1], row[2]), row[3])
