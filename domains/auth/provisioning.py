"""Accounts that the command line creates: administrators, and the users of the demo."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from domains.auth import data, sql
from domains.auth.emails.addresses import normalize_email
from domains.auth.errors import AccountNotUsable, EmailTaken
from domains.auth.events import RoleAssigned, UserRegistered
from domains.auth.models import NewAccount, User
from domains.auth.passwords.hashing import PasswordHashes
from domains.auth.passwords.password_policy import PasswordPolicy
from domains.auth.registration.new_accounts import validate_account
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import NotFound
from domains.kernel.validation import collect_errors
from domains.role.models import SystemRole
from domains.role.service import RoleService


class Provisioning:
    """Creates confirmed accounts with a role. The API does not use it."""

    def __init__(self, roles: RoleService, hashes: PasswordHashes, policy: PasswordPolicy, clock: Clock) -> None:
        self._roles = roles
        self._hashes = hashes
        self._policy = policy
        self._clock = clock

    async def find_user_ids(self, db: Reader, emails: Collection[str]) -> dict[str, UUID]:
        """The ids of the accounts of these addresses (in lower case), in any company."""
        rows = await data.user.find_many(db, where={"email": {"in": list(emails)}})
        return {row.email: row.id for row in rows}

    async def verify_password(self, db: Reader, email: str, password: str) -> bool:
        """Whether an active account has this address and password."""
        user = await data.user.find_unique(db, email=email)
        is_valid = await self._hashes.verify(user.password_hash if user else None, password)
        return is_valid and user is not None and user.is_active

    async def create(self, db: Database, company_id: UUID, new: NewAccount, role: SystemRole) -> User:
        """Create an account with a system role in a company, or on the platform for SUPER_ADMIN.

        Raises EmailTaken, and for all fields at once InvalidInput, TooLong and WeakPassword. Emits user.registered.
        """
        with collect_errors() as errors:
            email = new.email
            with errors:
                user = validate_account(new)
                email = user.email
            with errors:
                await self._policy.require(db.reader(company_id), new.password, email=email)
        user = replace(user, password_hash=await self._hashes.hash(new.password))

        async def work(tx: Tx) -> User:
            target_role = await self._roles.system_role(tx, role)
            customer = await self._roles.system_role(tx, SystemRole.CUSTOMER)
            platform = target_role if role is SystemRole.SUPER_ADMIN else customer
            row = user.confirmed(platform.id, self._clock.now())
            if not await data.user.create_many(tx, [row], skip_duplicates=True):
                raise EmailTaken
            if role is not SystemRole.SUPER_ADMIN:
                await data.membership.create(tx, {"user_id": user.id, "role_id": target_role.id})
            tx.emit(UserRegistered(user_id=user.id, email=user.email, first_name=user.first_name))
            return (await sql.users_by_id(tx, [user.id]))[0]

        return await db.run(work, Actor.system(company_id))

    async def promote(self, db: Database, company_id: UUID, email: str, role: SystemRole) -> User:
        """Assign a system role to an existing account, as `create` does. Its password does not change.

        Raises InvalidInput, NotFound, and AccountNotUsable when the account is disabled or its address not confirmed,
        because it may then belong to someone else. Emits user.role_assigned.
        """
        address = normalize_email(email)

        async def work(tx: Tx) -> User:
            user = await data.user.find_unique(tx, email=address, lock=True)
            if user is None:
                raise NotFound("There is no account with this e-mail address.")
            if not (user.is_active and user.email_verified):
                raise AccountNotUsable
            target_role = await self._roles.system_role(tx, role)
            if role is SystemRole.SUPER_ADMIN:
                await data.user.update(tx, id=user.id, data={"role_id": target_role.id})
            else:
                await data.membership.upsert(
                    tx,
                    where={"user_id": user.id},
                    create={"user_id": user.id, "role_id": target_role.id},
                    update={"role_id": target_role.id, "is_active": True},
                )
            tx.emit(RoleAssigned(user_id=user.id, role_id=target_role.id, platform=role is SystemRole.SUPER_ADMIN))
            return (await sql.users_by_id(tx, [user.id]))[0]

        return await db.run(work, Actor.system(company_id))
