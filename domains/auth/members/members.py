"""The members of a company (staff and customers): lists, roles, disabling and enabling."""

from collections.abc import Sequence
from uuid import UUID

from domains.auth import data, sql
from domains.auth.errors import CannotDisableSelf, LastSuperAdministrator, UserNotFound
from domains.auth.events import RoleAssigned, UserDisabled, UserEnabled
from domains.auth.models import SessionEndReason, User, UserFilter, UserSort
from domains.auth.policy import require_not_above
from domains.auth.sessions.sessions import Sessions
from domains.auth.sql import TargetUser
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import Grant
from domains.kernel.validation import collect_errors
from domains.role.models import SystemRole
from domains.role.service import RoleService


class Members:
    """Manages the members of the current company. Actors cannot change users whose role is above their own."""

    def __init__(self, roles: RoleService, sessions: Sessions) -> None:
        self._roles = roles
        self._sessions = sessions

    async def find(
        self,
        db: Reader,
        page: PageArgs,
        *,
        filter: UserFilter,
        sort: UserSort = UserSort.CREATED_AT,
        descending: bool = True,
    ) -> Page[User]:
        """A page of the company's members. One statement, and one more when they are counted."""
        return await sql.find_members(db, page, filter, sort, descending=descending)

    async def get(self, db: Reader, user_id: UUID) -> User:
        """A member of the company by id. Raises UserNotFound."""
        users = await self.find_by_id(db, [user_id])
        if not users:
            raise UserNotFound(user_id)
        return users[0]

    async def find_by_id(self, db: Reader, user_ids: Sequence[UUID]) -> list[User]:
        """The members of the company among the users of these ids, in no order. One statement."""
        return await sql.members_by_id(db, user_ids)

    async def with_permission(self, db: Reader, grant: Grant, *, take: int) -> list[UUID]:
        """The ids of the active members who may do something in the company, by the age of their membership.

        Super administrators are among them once they have logged in to the company. One statement.
        """
        return await sql.members_with(db, grant, take=take)

    async def count_with_role(self, tx: Tx, role_id: UUID) -> int:
        """How many users have a role, in the handle's company or on the platform. One statement."""
        return await sql.count_with_role(tx, role_id)

    async def require_not_above(self, tx: Tx, actor: Actor, user_id: UUID) -> None:
        """Raise RoleOutOfReach when a user's role is above the actor's. The user is locked in the transaction."""
        target = await sql.lock_target(tx, user_id)
        if target is not None:
            require_not_above(actor, target)

    async def assign_role(self, tx: Tx, actor: Actor, user_id: UUID, role_id: UUID) -> User:
        """Assign a role to a user in the company. The role of super administrators holds on the whole platform.

        Raises UserNotFound, RoleOutOfReach for a user above the actor, RoleNotFound, RoleAboveOwn and GrantNotHeld
        for a role above the actor, and LastSuperAdministrator. Emits user.role_assigned when the role changes.
        """
        with collect_errors() as errors:
            with errors:
                target = await self._lock_target(tx, actor, user_id)
            with errors:
                role = await self._roles.require_assignable(tx, actor, role_id)
        to_platform = role.company_id is None and role.code == SystemRole.SUPER_ADMIN
        if to_platform:
            await data.user.update(tx, id=user_id, data={"role_id": role.id})
        else:
            # Only a super administrator can remove the role of super administrator.
            if target.is_super_administrator and actor.is_super_administrator:
                await self._require_other_super_administrator(tx, user_id)
                customer = await self._roles.system_role(tx, SystemRole.CUSTOMER)
                await data.user.update(tx, id=user_id, data={"role_id": customer.id})
            await data.membership.upsert(
                tx,
                where={"user_id": user_id},
                create={"user_id": user_id, "role_id": role.id},
                update={"role_id": role.id},
            )
        if target.role.id != role.id or (target.is_super_administrator and not to_platform):
            tx.emit(RoleAssigned(user_id=user_id, role_id=role.id, platform=to_platform))
        return await self._reload(tx, user_id)

    async def disable(self, tx: Tx, actor: Actor, user_id: UUID, *, everywhere: bool = False) -> User:
        """Disable a user in the company, or `everywhere` on the platform, which also ends their sessions.

        Access ends with the next request. Raises UserNotFound, RoleOutOfReach, CannotDisableSelf,
        LastSuperAdministrator, and PermissionDenied when an actor who is not a super administrator disables
        `everywhere`. Emits user.disabled unless the user was disabled already, and user.session_ended.
        """
        target = await self._lock_target(tx, actor, user_id, everywhere=everywhere)
        if actor.owns(user_id):
            raise CannotDisableSelf
        if everywhere and target.is_super_administrator:
            await self._require_other_super_administrator(tx, user_id)
        if await self._set_active(tx, target, user_id, is_active=False, everywhere=everywhere):
            tx.emit(UserDisabled(user_id=user_id, platform=everywhere))
        if everywhere:
            await self._sessions.end_all(tx, user_id, SessionEndReason.USER_DISABLED)
        return await self._reload(tx, user_id)

    async def enable(self, tx: Tx, actor: Actor, user_id: UUID, *, everywhere: bool = False) -> User:
        """Enable a disabled user in the company, or `everywhere` on the platform.

        Raises UserNotFound, RoleOutOfReach, PermissionDenied. Emits user.enabled unless the user was enabled already.
        """
        target = await self._lock_target(tx, actor, user_id, everywhere=everywhere)
        if await self._set_active(tx, target, user_id, is_active=True, everywhere=everywhere):
            tx.emit(UserEnabled(user_id=user_id, platform=everywhere))
        return await self._reload(tx, user_id)

    async def _lock_target(self, tx: Tx, actor: Actor, user_id: UUID, *, everywhere: bool = False) -> TargetUser:
        """The user, locked, when the actor may change them."""
        if everywhere and not actor.is_super_administrator:
            raise PermissionDenied("Only a super administrator of the platform can do this everywhere.")
        if actor.is_super_administrator:
            # Always locked before the single user, so that two requests cannot deadlock.
            await sql.lock_super_administrators(tx)
        target = await sql.lock_target(tx, user_id)
        if target is None or not (target.is_member or actor.is_super_administrator):
            raise UserNotFound(user_id)
        require_not_above(actor, target)
        return target

    async def _require_other_super_administrator(self, tx: Tx, user_id: UUID) -> None:
        others = [other for other in await sql.lock_super_administrators(tx) if other != user_id]
        if not others:
            raise LastSuperAdministrator

    async def _set_active(
        self, tx: Tx, target: TargetUser, user_id: UUID, *, is_active: bool, everywhere: bool
    ) -> bool:
        """Enable or disable a user; False when nothing changes."""
        if everywhere:
            user: data.UserWhere = {"id": user_id, "is_active": not is_active}
            return await data.user.update_many(tx, where=user, data={"is_active": is_active}) > 0
        if not target.is_member:
            raise UserNotFound(user_id)
        member: data.MembershipWhere = {"user_id": user_id, "is_active": not is_active}
        return await data.membership.update_many(tx, where=member, data={"is_active": is_active}) > 0

    async def _reload(self, tx: Tx, user_id: UUID) -> User:
        return (await sql.users_by_id(tx, [user_id]))[0]
