"""Administering users: the members and customers of a company, and who may raise, lower, shut out or let in whom."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from domains.auth import data, members, sql
from domains.auth.emails.account_emails import Post
from domains.auth.emails.addresses import normalised
from domains.auth.errors import LastSuperAdministrator, SelfDisabling, UserNotFound
from domains.auth.events import RoleAssigned, UserDisabled, UserEnabled, UserInvited
from domains.auth.models import EndReason, User, UserFilter, UserSort
from domains.auth.policy import require_not_above
from domains.auth.sessions.sessions import Sessions
from domains.auth.sessions.tokens import digest, new_secret
from domains.auth.sql import Target
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.ids import new_id, untimed_id
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.text.names import GivenNames, given_names, searchable
from domains.kernel.validation import collect_errors
from domains.role.models import SystemRole
from domains.role.service import RoleService

INVITATION = timedelta(hours=24)


class Administration:
    """What staff may do with users. It reaches the current company's own, and nobody above the actor's own role."""

    def __init__(self, roles: RoleService, sessions: Sessions, post: Post, clock: Clock) -> None:
        self._roles = roles
        self._sessions = sessions
        self._post = post
        self._clock = clock

    async def find_users(
        self,
        db: Reader,
        page: PageArgs,
        *,
        filter: UserFilter,
        sort: UserSort = UserSort.CREATED_AT,
        descending: bool = True,
    ) -> Page[User]:
        """The company's members and customers; one statement, and one more when they are counted."""
        return await sql.find_members(db, page, filter, sort, descending=descending)

    async def users_of_roles(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[User]]:
        """A page of the company's members for each (role, page), the latest to join first; two statements."""
        return await members.pages(db, keys)

    async def get_user(self, db: Reader, user_id: UUID) -> User:
        """One of the company's members and customers. Raises UserNotFound."""
        user = await sql.member(db, user_id)
        if user is None:
            raise UserNotFound(user_id)
        return user

    async def assign_role(self, tx: Tx, actor: Actor, user_id: UUID, role_id: UUID) -> User:
        """Give a user a role in the company; the super administrator's role holds on the whole platform.

        Raises UserNotFound, RoleOutOfReach for a user above the actor, RoleNotFound, RoleAboveOwn and GrantNotHeld
        for a role beyond them, and LastSuperAdministrator. Emits user.role_assigned when it is another role.
        """
        with collect_errors() as each:
            with each:
                target = await self._reach(tx, actor, user_id)
            with each:
                role = await self._roles.require_assignable(tx, actor, role_id)
        to_platform = role.company_id is None and role.code == SystemRole.SUPER_ADMIN
        if to_platform:
            await data.user.update(tx, id=user_id, data={"role_id": role.id})
        else:
            # A company cannot know what somebody is who has not accepted its invitation, and so cannot change it.
            if target.is_super_administrator and actor.runs_the_platform:
                await self._require_another(tx, user_id)
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
        return await self._after(tx, user_id)

    async def disable(self, tx: Tx, actor: Actor, user_id: UUID, *, everywhere: bool = False) -> User:
        """Shut a user out of the company, or `everywhere`, which is the platform's to do; open sessions included.

        Raises UserNotFound, RoleOutOfReach, SelfDisabling, LastSuperAdministrator, PermissionDenied.
        Emits user.disabled unless they were shut out already.
        """
        target = await self._reach(tx, actor, user_id, everywhere=everywhere)
        if actor.owns(user_id):
            raise SelfDisabling
        if everywhere and target.is_super_administrator:
            await self._require_another(tx, user_id)
        if await self._set_active(tx, target, user_id, active=False, everywhere=everywhere):
            tx.emit(UserDisabled(user_id=user_id, platform=everywhere))
        if everywhere:
            await self._sessions.end_all(tx, user_id, EndReason.USER_DISABLED)
        return await self._after(tx, user_id)

    async def enable(self, tx: Tx, actor: Actor, user_id: UUID, *, everywhere: bool = False) -> User:
        """Let a user in again.

        Raises UserNotFound, RoleOutOfReach, PermissionDenied. Emits user.enabled unless they could enter already.
        """
        target = await self._reach(tx, actor, user_id, everywhere=everywhere)
        if await self._set_active(tx, target, user_id, active=True, everywhere=everywhere):
            tx.emit(UserEnabled(user_id=user_id, platform=everywhere))
        return await self._after(tx, user_id)

    async def invite(
        self, db: Database, actor: Actor, *, email: str, first_name: str, last_name: str, role_id: UUID
    ) -> User:
        """Make somebody a member of staff, by mail: they choose their password themselves (ASVS 6.4.6).

        Somebody who has an account already keeps it, name and all. The work and the answer are the same whether or
        not they have one: until they sign in here with a proven address, the company sees of them what is given now,
        and they may do nothing. Raises InvalidInput, TooLong, RoleOutOfReach for a member above the actor, what
        `assign_role` raises, and PermissionDenied where it would change a member and the actor may not do that by
        `assign_role`, `enable` or `disable`. Emits user.invited, and for a member also user.role_assigned and
        user.enabled where these changed.
        """
        with collect_errors() as each:
            with each:
                address = normalised(email)
            with each:
                names = given_names(first_name, last_name)
        token, now = new_secret(), self._clock.now()

        async def work(tx: Tx) -> tuple[User, bool]:
            role = await self._roles.require_assignable(tx, actor, role_id)
            user, membership = await self._invited(tx, actor, address, names)
            is_known = membership is not None and membership.accepted_at is not None and user.email_verified
            if membership is not None:
                _require_rights_over(actor, membership, role.id, is_known=is_known)
            changes: data.MembershipUpdate = {"role_id": role.id, "is_active": True}
            if not is_known:
                changes["accepted_at"], changes["invited_email"] = None, address
                changes["invited_first_name"], changes["invited_last_name"] = names["first_name"], names["last_name"]
                changes["invited_search_text"] = searchable(names["first_name"], names["last_name"], address)
            new: data.MembershipCreate = {**changes, "id": new_id(), "user_id": user.id, "role_id": role.id}
            await data.membership.upsert(tx, where={"user_id": user.id}, create=new, update=changes)
            # An unproven address may be somebody else's, whose password then is not its owner's.
            needs_password = user.password_set_at is None or not user.email_verified
            sealed, to = digest(token), address if needs_password else ""
            await sql.issue_reset(tx, to, sealed, expires_at=now + INVITATION, now=now)
            tx.emit(UserInvited(user_id=user.id, email=address, role_id=role.id))
            if membership is not None:
                _tell_of_changes(tx, membership, role.id)
            return await self._after(tx, user.id), needs_password

        user, needs_password = await db.run(work, actor)
        reader = db.reader(actor.company_id)
        await self._post.invitation(reader, address, token if needs_password else None, INVITATION)
        return user

    async def _invited(
        self, tx: Tx, actor: Actor, address: str, names: GivenNames
    ) -> tuple[data.UserRow, data.MembershipRow | None]:
        """The account with this address, made if there is none, and what it is to the company, in four statements."""
        customer = await self._roles.system_role(tx, SystemRole.CUSTOMER)
        row: data.UserCreate = {"id": untimed_id(), "email": address, "role_id": customer.id}
        row["first_name"], row["last_name"] = names["first_name"], names["last_name"]
        row["search_text"] = searchable(names["first_name"], names["last_name"], address)
        await data.user.create_many(tx, [row], skip_duplicates=True)
        [user] = await data.user.find_many(tx, where={"email": address})
        target = await sql.target(tx, user.id)
        if target is not None and target.is_member:
            require_not_above(actor, target)
        return user, await data.membership.find_unique(tx, user_id=user.id)

    async def _reach(self, tx: Tx, actor: Actor, user_id: UUID, *, everywhere: bool = False) -> Target:
        """The user under a lock, when the actor may change them."""
        if everywhere and not actor.runs_the_platform:
            raise PermissionDenied("Only the platform's super administrator does this everywhere.")
        if actor.runs_the_platform:
            # Always before the single user, so that two of them never wait for each other.
            await sql.lock_super_administrators(tx)
        target = await sql.target(tx, user_id)
        if target is None or not (target.is_member or actor.runs_the_platform):
            raise UserNotFound(user_id)
        require_not_above(actor, target)
        return target

    async def _require_another(self, tx: Tx, user_id: UUID) -> None:
        others = [other for other in await sql.lock_super_administrators(tx) if other != user_id]
        if not others:
            raise LastSuperAdministrator

    async def _set_active(self, tx: Tx, target: Target, user_id: UUID, *, active: bool, everywhere: bool) -> bool:
        """Let a user in or shut them out; False when nothing changes."""
        if everywhere:
            user: data.UserWhere = {"id": user_id, "is_active": not active}
            return await data.user.update_many(tx, where=user, data={"is_active": active}) > 0
        if not target.is_member:
            raise UserNotFound(user_id)
        member: data.MembershipWhere = {"user_id": user_id, "is_active": not active}
        return await data.membership.update_many(tx, where=member, data={"is_active": active}) > 0

    async def _after(self, tx: Tx, user_id: UUID) -> User:
        return (await sql.users_by_id(tx, [user_id]))[0]


def _require_rights_over(actor: Actor, membership: data.MembershipRow, role_id: UUID, *, is_known: bool) -> None:
    """Let nobody change by an invitation what they could not change by the field that is made for it."""
    may_assign = actor.can(PermissionResource.ROLES, PermissionAction.UPDATE)
    if membership.role_id != role_id and not may_assign:
        raise PermissionDenied("This user is a member already: another role needs the permission ROLES:UPDATE.")
    # An address that is not proven is invited anew, and until the invitation is accepted its user is shut out.
    is_shut_out = membership.accepted_at is not None and not is_known
    may_enable = actor.can(PermissionResource.USERS, PermissionAction.UPDATE)
    if (is_shut_out or not membership.is_active) and not may_enable:
        raise PermissionDenied(
            "This user is a member already: inviting them again needs the permission USERS:UPDATE."
        )


def _tell_of_changes(tx: Tx, before: data.MembershipRow, role_id: UUID) -> None:
    if before.role_id != role_id:
        tx.emit(RoleAssigned(user_id=before.user_id, role_id=role_id, platform=False))
    if not before.is_active:
        tx.emit(UserEnabled(user_id=before.user_id, platform=False))
