"""Mutations of the company's members, for staff."""

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
from gateway.graphql.core.fields import command, present, requires, sensitive, workflow

CREATE_USERS = requires(PermissionResource.USERS, PermissionAction.CREATE)
UPDATE_USERS = requires(PermissionResource.USERS, PermissionAction.UPDATE)
UPDATE_ROLES = requires(PermissionResource.ROLES, PermissionAction.UPDATE)


def _shown(info: Info, user: models.User) -> User | None:
    """The user if the caller may read users; the permission to change users does not include it."""
    can_read = info.context.actor.can(PermissionResource.USERS, PermissionAction.READ)
    return present(User, user) if can_read else None


@strawberry.type
class MemberMutation:
    """The auth domain's fields of Mutation for administrators of users."""

    @sensitive
    @workflow(CREATE_USERS)
    async def user_invite(
        self,
        info: Info,
        input: Annotated[
            UserInviteInput,
            strawberry.argument(description="The e-mail address and the role of the new member of staff."),
        ],
    ) -> UserInvitePayload:
        """Add a user to the staff. The user gets an e-mail, and chooses a password with the token in it.

        An existing account keeps its name and password. The token is valid for 24 hours.
        """
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
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            UserDisableInput, strawberry.argument(description="The user to disable, whose role is not above yours.")
        ],
    ) -> UserDisablePayload:
        """Disable a user in this company, or everywhere. Access ends with the user's next request."""
        members, actor = info.context.services.auth.members, info.context.actor
        user = await members.disable(tx, actor, input.id, everywhere=input.everywhere)
        return UserDisablePayload(user=_shown(info, user))

    @command(UPDATE_USERS)
    async def user_enable(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            UserEnableInput, strawberry.argument(description="The user to enable, in this company or everywhere.")
        ],
    ) -> UserEnablePayload:
        """Enable a disabled user in this company, or everywhere."""
        members, actor = info.context.services.auth.members, info.context.actor
        user = await members.enable(tx, actor, input.id, everywhere=input.everywhere)
        return UserEnablePayload(user=_shown(info, user))

    @command(UPDATE_ROLES)
    async def user_role_assign(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            UserRoleAssignInput,
            strawberry.argument(description="A user, with a role that does not exceed the caller's own."),
        ],
    ) -> UserRoleAssignPayload:
        """Assign a role to a user. It takes effect with the user's next request."""
        user = await info.context.services.auth.assign_role(tx, info.context.actor, input.id, input.role_id)
        return UserRoleAssignPayload(user=_shown(info, user))
