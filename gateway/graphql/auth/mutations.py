"""Registering, signing in and out, and changing one's own account."""

from typing import Annotated

import strawberry

from domains.auth import models
from domains.auth.models import NewAccount
from domains.kernel.database import Tx
from gateway import outcomes
from gateway.graphql.auth import inputs, payloads
from gateway.graphql.auth.administration import UserAdministration
from gateway.graphql.auth.types import AuthResponse, Session, User
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, PUBLIC, command, given, present, workflow


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
        self, info: Info, input: Annotated[inputs.RegisterInput, strawberry.argument(description="Who.")]
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
        auth = await context.services.auth.registration.confirm(
            context.db, context.actor, context.request.origin(), input.email, input.ticket, input.code
        )
        return payloads.EmailVerifyPayload(auth=_signed_in(auth))

    @workflow(PUBLIC)
    async def email_verification_resend(
        self,
        info: Info,
        input: Annotated[inputs.EmailVerificationResendInput, strawberry.argument(description="Who.")],
    ) -> payloads.EmailVerificationResendPayload:
        """Mail a new code; the one before is void."""
        context = info.context
        await context.services.auth.registration.resend(
            context.db, context.actor, context.request.origin(), input.email, input.ticket
        )
        return payloads.EmailVerificationResendPayload(mail_sent=True)

    @workflow(PUBLIC)
    async def login(
        self, info: Info, input: Annotated[inputs.LoginInput, strawberry.argument(description="Who.")]
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
        input: Annotated[inputs.RefreshTokenInput, strawberry.argument(description="With what.")],
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
        self, info: Info, tx: Tx, input: Annotated[inputs.SessionEndInput, strawberry.argument(description="Which.")]
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
        self, info: Info, input: Annotated[inputs.PasswordResetRequestInput, strawberry.argument(description="Who.")]
    ) -> payloads.PasswordResetRequestPayload:
        """Mail a token to set a new password with, good once within 30 minutes. The answer is always the same."""
        context = info.context
        await context.services.auth.passwords.request_reset(
            context.db, context.actor, context.request.origin(), input.email
        )
        return payloads.PasswordResetRequestPayload(mail_sent=True)

    @workflow(PUBLIC)
    async def password_reset(
        self, info: Info, input: Annotated[inputs.PasswordResetInput, strawberry.argument(description="To what.")]
    ) -> payloads.PasswordResetPayload:
        """Set a new password by a mailed token. All sessions end; sign in with the new password."""
        context = info.context
        await context.services.auth.passwords.reset(
            context.db, context.actor, context.request.origin(), input.token, input.new_password
        )
        return payloads.PasswordResetPayload(password_changed=True)

    @workflow(AUTHENTICATED)
    async def password_change(
        self, info: Info, input: Annotated[inputs.PasswordChangeInput, strawberry.argument(description="To what.")]
    ) -> payloads.PasswordChangePayload:
        """Change one's password. It is told by mail, and signs all other sessions out unless that is not wished."""
        context = info.context
        ended = await context.services.auth.passwords.change(
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
        input: Annotated[inputs.EmailChangeRequestInput, strawberry.argument(description="To what.")],
    ) -> payloads.EmailChangeRequestPayload:
        """Ask for another e-mail address; a code is mailed to it."""
        context = info.context
        await context.services.auth.email_change.request(
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
        user = await context.services.auth.email_change.confirm(
            context.db, context.actor, context.request.origin(), input.code
        )
        return payloads.EmailChangeConfirmPayload(user=present(User, user))
