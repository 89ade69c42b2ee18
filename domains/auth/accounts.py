"""Accounts as a whole, for the command line: found by their address, exported, erased and merged."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.auth import data, sql
from domains.auth.errors import LastSuperAdministrator
from domains.auth.events import PERSONAL, UserErased, UserMerged
from domains.auth.models import Account
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.personal_data import Erasure, Person, erase_events, erased_email, exported
from domains.role.models import SystemRole
from domains.role.service import RoleService

# FOR UPDATE and not FOR NO KEY UPDATE: it waits for requests that insert a row of this user, and they for it.
LOCK: Final = f"select {data.user.columns()} from users where email = any($1) order by id for update"  # noqa: S608 - fixed text
NOT_EXPORTED: Final = ("password_hash", "search_text", "refresh_token", "ticket_hash", "code", "token_hash")
DELETED: Final = (
    "delete from user_sessions where user_id = $1",
    "delete from verification_codes where user_id = $1",
    "delete from password_reset_tokens where user_id = $1",
)
ANONYMIZE: Final = """
update users
set email = $2, password_hash = null, first_name = '', last_name = '', phone = null, is_active = false,
    email_verified = false, pending_email = null, search_text = '', role_id = $3, erased_at = $4, updated_at = $4
where id = $1
"""
INSERT_ERASED: Final = """
insert into users (id, email, is_active, role_id, erased_at, created_at, updated_at)
values ($1, $2, false, $3, $4, $4, $4)
"""


class Accounts:
    """Accounts, their sessions and codes, and registrations. Members of a company are in `personal_data`.

    Its methods run in transactions of the platform, and are not for requests.
    """

    def __init__(self, roles: RoleService) -> None:
        self._roles = roles

    async def person(self, db: Reader, email: str) -> Person:
        """The person with a normalized address: a user, or a guest when there is no account."""
        user = await data.user.find_unique(db, email=email)
        return Person(user_id=user.id if user else None, emails=(email,))

    async def lock(self, tx: Tx, *emails: str) -> dict[str, Account]:
        """Lock the accounts of normalized addresses until the transaction ends; returns those that exist.

        Requests that add a row of these users wait, and fail when the account is erased.
        """
        rows = [data.user.from_record(row) for row in await tx.fetch(LOCK, list(emails))]
        return {row.email: row for row in rows}

    async def require_replaceable(self, tx: Tx, user: Account) -> None:
        """Raise LastSuperAdministrator when no other active user governs the platform."""
        administrators = await sql.lock_super_administrators(tx)
        if administrators == [user.id]:
            raise LastSuperAdministrator

    async def export(self, db: Reader, person: Person) -> Mapping[str, Any]:
        """The account, its sessions, its codes and tokens, and unconfirmed registrations, without secrets."""
        of_user: Any = {"user_id": {"in": person.user_ids}}
        found: dict[str, list[Any]] = {
            "users": await data.user.find_many(db, where={"id": {"in": person.user_ids}}),
            "sessions": await data.user_session.find_many(db, where=of_user, order_by=[{"id": "asc"}]),
            "verification_codes": await data.verification_code.find_many(db, where=of_user),
            "password_resets": await data.password_reset_token.find_many(db, where=of_user),
            "registrations": await data.registration.find_many(db, where={"email": {"in": person.emails}}),
        }
        return {name: exported(rows, without=NOT_EXPORTED) for name, rows in found.items()}

    async def erase(self, tx: Tx, erasure: Erasure) -> int:
        """Anonymize the account, which stays as a row without access, and delete all else; the number of rows.

        Emits user.erased for a user.
        """
        erased = await self._clear(tx, erasure)
        for user_id in erasure.person.user_ids:
            tx.emit(UserErased(user_id=user_id, platform=True))
        return erased

    async def merge(self, tx: Tx, erasure: Erasure, into: UUID) -> int:
        """Erase the account of a person whose data was moved to another user. Emits user.merged for a user."""
        erased = await self._clear(tx, erasure)
        for user_id in erasure.person.user_ids:
            tx.emit(UserMerged(user_id=user_id, into_user_id=into))
        return erased

    async def create_erased(self, tx: Tx) -> UUID:
        """A new erased user, to whom one company's rows of a person are given while the account stays."""
        erased_id = new_id()
        role_id = (await self._roles.system_role(tx, SystemRole.CUSTOMER)).id
        await tx.execute(INSERT_ERASED, erased_id, erased_email(erased_id), role_id, tx.clock.now())
        return erased_id

    async def _clear(self, tx: Tx, erasure: Erasure) -> int:
        erased = await data.registration.delete_many(tx, where={"email": {"in": erasure.person.emails}})
        for user_id in erasure.person.user_ids:
            for statement in DELETED:
                erased += await tx.execute(statement, user_id)
            role_id = (await self._roles.system_role(tx, SystemRole.CUSTOMER)).id
            erased += await tx.execute(ANONYMIZE, user_id, erasure.email, role_id, tx.clock.now())
            await erase_events(tx, PERSONAL, [user_id], erasure.email)
        return erased
