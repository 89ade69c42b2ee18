"""Invitations of staff, by e-mail."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from domains.auth import data, sql
from domains.auth.emails.account_emails import AccountEmails
from domains.auth.emails.addresses import normalize_email
from domains.auth.events import RoleAssigned, UserEnabled, UserInvited
from domains.auth.models import User
from domains.auth.policy import require_not_above
from domains.auth.sessions.tokens import digest, new_secret
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.ids import new_id, random_id
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.text.names import PersonName, normalize_names, search_text_of
from domains.kernel.validation import collect_errors
from domains.role.models import SystemRole
from domains.role.service import RoleService

LIFETIME: Final = timedelta(hours=24)


class Invitations:
    """Invites users to the staff of a company."""

    def __init__(self, roles: RoleService, emails: AccountEmails, clock: Clock) -> None:
        self._roles = roles
        self._emails = emails
        self._clock = clock

    async def invite(
        self, db: Database, actor: Actor, *, email: str, first_name: str, last_name: str, role_id: UUID
    ) -> User:
        """Add a user to the staff and send an invitation, with a token to choose a password (ASVS 6.4.6).

        An existing account keeps its name and password. Until the user logs in to this company with a confirmed
        address, the company sees only these names and the user has no permission; so the work and the result do
        not reveal whether the address has an account. Raises InvalidInput, TooLong, RoleOutOfReach for a member
        above the actor, what `Members.assign_role` raises, and PermissionDenied when the invitation would change a
        member in a way that the actor may not by `assign_role`, `enable` or `disable`. Emits user.invited, and for a
        member also user.role_assigned and user.enabled when these change.
        """
        with collect_errors() as errors:
            with errors:
                address = normalize_email(email)
            with errors:
                names = normalize_names(first_name, last_name)
        token, now = new_secret(), self._clock.now()

        async def work(tx: Tx) -> User:
            role = await self._roles.require_assignable(tx, actor, role_id)
            user, membership = await self._find_or_create(tx, actor, address, names)
            is_known = membership is not None and membership.accepted_at is not None and user.email_verified
            if membership is not None:
                _require_permissions(actor, membership, role.id, is_known=is_known)
            changes: data.MembershipUpdate = {"role_id": role.id, "is_active": True}
            if not is_known:
                changes["accepted_at"], changes["invited_email"] = None, address
                changes["invited_first_name"], changes["invited_last_name"] = names["first_name"], names["last_name"]
                changes["invited_search_text"] = search_text_of(names["first_name"], names["last_name"], address)
            new: data.MembershipCreate = {**changes, "id": new_id(), "user_id": user.id, "role_id": role.id}
            await data.membership.upsert(tx, where={"user_id": user.id}, create=new, update=changes)
            # The password of an unconfirmed address may have been set by someone else.
            needs_password = user.password_set_at is None or not user.email_verified
            token_hash, recipient = digest(token), address if needs_password else ""
            await sql.issue_reset(tx, recipient, token_hash, expires_at=now + LIFETIME, now=now)
            tx.emit(UserInvited(user_id=user.id, email=address, role_id=role.id))
            if membership is not None:
                _emit_changes(tx, membership, role.id)
            self._emails.invitation(tx, address, token if needs_password else None, LIFETIME)
            return (await sql.users_by_id(tx, [user.id]))[0]

        return await db.run(work, actor)

    async def _find_or_create(
        self, tx: Tx, actor: Actor, address: str, names: PersonName
    ) -> tuple[data.UserRow, data.MembershipRow | None]:
        """The account of an address, created if there is none, and its membership. Four statements."""
        customer = await self._roles.system_role(tx, SystemRole.CUSTOMER)
        row: data.UserCreate = {"id": random_id(), "email": address, "role_id": customer.id}
        row["first_name"], row["last_name"] = names["first_name"], names["last_name"]
        row["search_text"] = search_text_of(names["first_name"], names["last_name"], address)
        await data.user.create_many(tx, [row], skip_duplicates=True)
        [user] = await data.user.find_many(tx, where={"email": address})
        target = await sql.lock_target(tx, user.id)
        if target is not None and target.is_member:
            require_not_above(actor, target)
        return user, await data.membership.find_unique(tx, user_id=user.id)


def _require_permissions(actor: Actor, membership: data.MembershipRow, role_id: UUID, *, is_known: bool) -> None:
    """Raise PermissionDenied when the actor lacks the permission for a change of an existing member."""
    may_assign = actor.can(PermissionResource.ROLES, PermissionAction.UPDATE)
    if membership.role_id != role_id and not may_assign:
        raise PermissionDenied(
            "This user is already a member. To change the role you need the permission ROLES:UPDATE."
        )
    # A member with an unconfirmed address has no access until the new invitation is accepted.
    loses_access = membership.accepted_at is not None and not is_known
    may_enable = actor.can(PermissionResource.USERS, PermissionAction.UPDATE)
    if (loses_access or not membership.is_active) and not may_enable:
        raise PermissionDenied(
            "This user is already a member. To invite them again you need the permission USERS:UPDATE."
        )


def _emit_changes(tx: Tx, before: data.MembershipRow, role_id: UUID) -> None:
    if before.role_id != role_id:
        tx.emit(RoleAssigned(user_id=before.user_id, role_id=role_id, platform=False))
    if not before.is_active:
        tx.emit(UserEnabled(user_id=before.user_id, platform=False))
