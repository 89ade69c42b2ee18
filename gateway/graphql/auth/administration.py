"""What staff do with the company's users."""

from typing import Annotated

import strawberry

from domains.auth import models
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.auth.inputs import UserDisableInput, UserEnableInput, UserInviteInput, UserRoleAssignInput
from gateway.graphql.auth.payloads import (
    UserDisablePayload,
    UserEnablePayload,
    UserInvitePayload,
    UserRoleAssignPayload,
)
from gateway.graphql.auth.types import User
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires, workflow

CREATE_USERS = requires(PermissionResource.USERS, PermissionAction.CREATE)
UPDATE_USERS = requires(PermissionResource.USERS, PermissionAction.UPDATE)
UPDATE_ROLES = requires(PermissionResource.ROLES, PermissionAction.UPDATE)


def _shown(info: Info, user: models.User) -> User | None:
    """The user for who may read users: the right to change somebody is none to see their data."""
    can_read = info.context.actor.can(PermissionResource.USERS, PermissionAction.READ)
    return present(User, user) if can_read else None


@strawberry.type
class UserAdministration:
    """The fields of Mutation for administrators of users."""

    @workflow(CREATE_USERS)
    async def user_invite(
        self, info: Info, input: Annotated[UserInviteInput, strawberry.argument(description="Whom to invite.")]
    ) -> UserInvitePayload:
        """Make somebody a member of staff. They are mailed, and choose their password themselves."""
        context = info.context
        user = await context.services.auth.invitations.invite(
            context.db,
            context.actor,
            email=input.email,
            first_name=input.first_name,
            last_name=input.last_name,
            role_id=input.role_id,
        )
        return UserInvitePayload(user=_shown(info, user))

    @command(UPDATE_USERS)
    async def user_disable(
        self, info: Info, tx: Tx, input: Annotated[UserDisableInput, strawberry.argument(description="Whom.")]
    ) -> UserDisablePayload:
        """Shut a user out of the company from their next request on, or of every company."""
        administration, actor = info.context.services.auth.members, info.context.actor
        user = await administration.disable(tx, actor, input.id, everywhere=input.everywhere)
        return UserDisablePayload(user=_shown(info, user))

    @command(UPDATE_USERS)
    async def user_enable(
        self, info: Info, tx: Tx, input: Annotated[UserEnableInput, strawberry.argument(description="Whom.")]
    ) -> UserEnablePayload:
        """Let a user in again."""
        administration, actor = info.context.services.auth.members, info.context.actor
        user = await administration.enable(tx, actor, input.id, everywhere=input.everywhere)
        return UserEnablePayload(user=_shown(info, user))

    @command(UPDATE_ROLES)
    async def user_role_assign(
        self, info: Info, tx: Tx, input: Annotated[UserRoleAssignInput, strawberry.argument(description="To whom.")]
    ) -> UserRoleAssignPayload:
        """Give a user another role; it holds from their next request on."""
        user = await info.context.services.auth.assign_role(tx, info.context.actor, input.id, input.role_id)
        return UserRoleAssignPayload(user=_shown(info, user))
