"""Registering, signing in and out, and changing one's own account."""

from typing import Annotated, cast

import strawberry

from domains.auth import models
from domains.auth.models import AddressChanges, NewAccount, NewAddress, ProfileChanges
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway import outcomes
from gateway.graphql.auth import inputs, payloads
from gateway.graphql.auth.administration import UserAdministration
from gateway.graphql.auth.types import Address, AuthResponse, Session, User
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, OWNER, PUBLIC, command, given, present, requires, workflow

UPDATE_USERS = requires(PermissionResource.USERS, PermissionAction.UPDATE)
DELETE_USERS = requires(PermissionResource.USERS, PermissionAction.DELETE)


def _signed_in(auth: models.AuthResponse | None) -> AuthResponse | None:
    """The tokens of a new session, which the log is told of."""
    if auth is not None:
        outcomes.signed_in(auth.user.id)
    return present(AuthResponse, auth)


@strawberry.type
class AuthMutation(UserAdministration):
    """The auth domain's fields of Mutation."""

    @workflow(PUBLIC)
    async def register(
        self,
        info: Info,
        input: Annotated[
            inputs.RegisterInput,
            strawberry.argument(description="The person, with the password for the new account."),
        ],
    ) -> payloads.RegisterPayload:
        """Make an account. A code is mailed to the address; `emailVerify` with it activates the account.

        Whoever has an account already is told so by mail, and the answer here is the same.
        """
        context = info.context
        new = NewAccount(**given(input))
        made = await context.services.auth.register(context.db, context.actor, context.request.origin(), new)
        return payloads.RegisterPayload(mail_sent=True, ticket=made.ticket, auth=_signed_in(made.auth))

    @workflow(PUBLIC)
    async def email_verify(
        self, info: Info, input: Annotated[inputs.EmailVerifyInput, strawberry.argument(description="The proof.")]
    ) -> payloads.EmailVerifyPayload:
        """Confirm a new account's address, activate the account and sign in. Wrong codes count."""
        context = info.context
        auth = await context.services.auth.registering.confirm(
            context.db, context.actor, context.request.origin(), input.email, input.ticket, input.code
        )
        return payloads.EmailVerifyPayload(auth=_signed_in(auth))

    @workflow(PUBLIC)
    async def email_verification_resend(
        self,
        info: Info,
        input: Annotated[
            inputs.EmailVerificationResendInput,
            strawberry.argument(description="The address to mail another code to."),
        ],
    ) -> payloads.EmailVerificationResendPayload:
        """Mail a new code; the one before is void."""
        context = info.context
        await context.services.auth.registering.resend(
            context.db, context.actor, context.request.origin(), input.email, input.ticket
        )
        return payloads.EmailVerificationResendPayload(mail_sent=True)

    @workflow(PUBLIC)
    async def login(
        self,
        info: Info,
        input: Annotated[
            inputs.LoginInput,
            strawberry.argument(description="The credentials, and the device token of an earlier sign-in."),
        ],
    ) -> payloads.LoginPayload:
        """Sign in. After a few wrong tries at an account one has to wait, longer each time."""
        context = info.context
        origin = context.request.origin(input.device_token)
        auth = await context.services.auth.login(context.db, context.actor, origin, input.email, input.password)
        return payloads.LoginPayload(auth=_signed_in(auth))

    @command(PUBLIC)
    async def refresh_token(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.RefreshTokenInput,
            strawberry.argument(description="The refresh token of the last sign-in or refresh; it is good once."),
        ],
    ) -> payloads.RefreshTokenPayload:
        """The next tokens of a session. Send no (expired) access token along."""
        auth = await info.context.services.auth.refresh_token(tx, input.refresh_token, info.context.request.origin())
        return payloads.RefreshTokenPayload(auth=present(AuthResponse, auth))

    @command(AUTHENTICATED)
    async def logout(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.LogoutInput | None, strawberry.argument(description="Out of what.")] = None,
    ) -> payloads.LogoutPayload:
        """Sign out: the refresh token and the access token end with the session."""
        everywhere = input is not None and input.everywhere
        ended = await info.context.services.auth.logout(tx, info.context.actor, everywhere=everywhere)
        return payloads.LogoutPayload(ended_sessions=ended)

    @command(AUTHENTICATED)
    async def session_end(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.SessionEndInput,
            strawberry.argument(description="One of your own sessions, such as that of a lost device."),
        ],
    ) -> payloads.SessionEndPayload:
        """Sign one of one's browsers or devices out."""
        session = await info.context.services.auth.sessions.end(tx, info.context.actor, input.id)
        return payloads.SessionEndPayload(session=present(Session, session))

    @command(AUTHENTICATED)
    async def sessions_end_others(self, info: Info, tx: Tx) -> payloads.SessionsEndOthersPayload:
        """Sign all of one's other browsers and devices out."""
        ended = await info.context.services.auth.sessions.end_others(tx, info.context.actor)
        return payloads.SessionsEndOthersPayload(ended_sessions=ended)

    @workflow(PUBLIC)
    async def password_reset_request(
        self,
        info: Info,
        input: Annotated[
            inputs.PasswordResetRequestInput,
            strawberry.argument(description="The address of the account whose password is forgotten."),
        ],
    ) -> payloads.PasswordResetRequestPayload:
        """Mail a token to set a new password with, good once within 30 minutes. The answer is always the same."""
        context = info.context
        await context.services.auth.recovery.request(context.db, context.actor, context.request.origin(), input.email)
        return payloads.PasswordResetRequestPayload(mail_sent=True)

    @workflow(PUBLIC)
    async def password_reset(
        self,
        info: Info,
        input: Annotated[
            inputs.PasswordResetInput,
            strawberry.argument(description="The token from the mail, with the password to set."),
        ],
    ) -> payloads.PasswordResetPayload:
        """Set a new password by a mailed token. All sessions end; sign in with the new password."""
        context = info.context
        await context.services.auth.recovery.reset(
            context.db, context.actor, context.request.origin(), input.token, input.new_password
        )
        return payloads.PasswordResetPayload(password_changed=True)

    @workflow(AUTHENTICATED)
    async def password_change(
        self,
        info: Info,
        input: Annotated[
            inputs.PasswordChangeInput,
            strawberry.argument(description="The present password as a confirmation, with the one to set."),
        ],
    ) -> payloads.PasswordChangePayload:
        """Change one's password. It is told by mail, and signs all other sessions out unless that is not wished."""
        context = info.context
        ended = await context.services.auth.credentials.change_password(
            context.db,
            context.actor,
            context.request.origin(),
            input.current_password,
            input.new_password,
            end_others=input.end_other_sessions,
        )
        return payloads.PasswordChangePayload(password_changed=True, ended_sessions=ended)

    @workflow(AUTHENTICATED)
    async def email_change_request(
        self,
        info: Info,
        input: Annotated[
            inputs.EmailChangeRequestInput,
            strawberry.argument(description="The address to use from now on, which gets a code."),
        ],
    ) -> payloads.EmailChangeRequestPayload:
        """Ask for another e-mail address; a code is mailed to it."""
        context = info.context
        await context.services.auth.credentials.request_email_change(
            context.db, context.actor, context.request.origin(), input.new_email, input.current_password
        )
        return payloads.EmailChangeRequestPayload(mail_sent=True)

    @workflow(AUTHENTICATED)
    async def email_change_confirm(
        self,
        info: Info,
        input: Annotated[inputs.EmailChangeConfirmInput, strawberry.argument(description="The proof.")],
    ) -> payloads.EmailChangeConfirmPayload:
        """Take on the new e-mail address. The old one is told, and all other sessions end. Wrong codes count."""
        context = info.context
        user = await context.services.auth.credentials.confirm_email_change(
            context.db, context.actor, context.request.origin(), input.code
        )
        return payloads.EmailChangeConfirmPayload(user=present(User, user))

    @command(AUTHENTICATED)
    async def profile_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ProfileUpdateInput, strawberry.argument(description="What to change.")],
    ) -> payloads.ProfileUpdatePayload:
        """Change one's names and telephone number."""
        user = await info.context.services.auth.update_profile(
            tx, info.context.actor, cast("ProfileChanges", given(input))
        )
        return payloads.ProfileUpdatePayload(user=present(User, user))

    @command(AUTHENTICATED)
    async def address_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AddressCreateInput,
            strawberry.argument(description="An address of your own; the first of a type becomes its default."),
        ],
    ) -> payloads.AddressCreatePayload:
        """Put an address into one's book; the first of its type becomes the default."""
        book, actor = info.context.services.auth.addresses, info.context.actor
        address = await book.create(tx, actor, NewAddress(**given(input)))
        return payloads.AddressCreatePayload(address=present(Address, address))

    @command(OWNER | UPDATE_USERS)
    async def address_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.AddressUpdateInput, strawberry.argument(description="What to change.")],
    ) -> payloads.AddressUpdatePayload:
        """Change an address."""
        book, actor = info.context.services.auth.addresses, info.context.actor
        address = await book.update(tx, actor, input.id, cast("AddressChanges", given(input, but=("id",))))
        return payloads.AddressUpdatePayload(address=present(Address, address))

    @command(OWNER | DELETE_USERS)
    async def address_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AddressDeleteInput,
            strawberry.argument(description="One of your own addresses; with USERS:DELETE anyone's."),
        ],
    ) -> payloads.AddressDeletePayload:
        """Delete an address; the newest other one of its type becomes the default in its place."""
        address = await info.context.services.auth.addresses.delete(tx, info.context.actor, input.id)
        return payloads.AddressDeletePayload(address=present(Address, address))
