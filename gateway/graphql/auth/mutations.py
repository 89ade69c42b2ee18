"""Mutations of registration, sessions, passwords and e-mail addresses."""

from typing import Annotated

import strawberry

from domains.auth import models
from domains.auth.models import NewAccount
from domains.kernel.database import Tx
from gateway import request_log
from gateway.graphql.auth import inputs, payloads
from gateway.graphql.auth.member_mutations import MemberMutation
from gateway.graphql.auth.types import AuthResponse, Session, User
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, PUBLIC, command, from_input, present, sensitive, workflow


def _with_login_logged(auth: models.AuthResponse | None) -> AuthResponse | None:
    """The tokens of a new session. The login is logged."""
    if auth is not None:
        request_log.record_login(auth.user.id)
    return present(AuthResponse, auth)


@strawberry.type
class AuthMutation(MemberMutation):
    """The auth domain's fields of Mutation."""

    @sensitive
    @workflow(PUBLIC)
    async def register(
        self,
        info: Info,
        input: Annotated[
            inputs.RegisterInput,
            strawberry.argument(description="The person, with the password for the new account."),
        ],
    ) -> payloads.RegisterPayload:
        """Register an account. The address gets an e-mail with a code; `emailVerify` with it activates the account.

        If the address has an account already, the e-mail states that instead. The result here is the same.
        """
        context = info.context
        new = from_input(NewAccount, input)
        registration = await context.services.auth.register(context.db, context.actor, context.request.origin(), new)
        return payloads.RegisterPayload(
            mail_sent=True, ticket=registration.ticket, auth=_with_login_logged(registration.auth)
        )

    @sensitive
    @workflow(PUBLIC)
    async def email_verify(
        self,
        info: Info,
        input: Annotated[
            inputs.EmailVerifyInput,
            strawberry.argument(description="The registered address, its ticket and the code from the e-mail."),
        ],
    ) -> payloads.EmailVerifyPayload:
        """Confirm the address of a new account, activate the account and log in. A code allows five attempts."""
        context = info.context
        auth = await context.services.auth.registration.confirm(
            context.db, context.actor, context.request.origin(), input.email, input.ticket, input.code
        )
        return payloads.EmailVerifyPayload(auth=_with_login_logged(auth))

    @sensitive
    @workflow(PUBLIC)
    async def email_verification_resend(
        self,
        info: Info,
        input: Annotated[
            inputs.EmailVerificationResendInput,
            strawberry.argument(description="The address to mail another code to."),
        ],
    ) -> payloads.EmailVerificationResendPayload:
        """Send a new code to the address of a registration. The previous code becomes invalid."""
        context = info.context
        await context.services.auth.registration.resend(
            context.db, context.actor, context.request.origin(), input.email, input.ticket
        )
        return payloads.EmailVerificationResendPayload(mail_sent=True)

    @sensitive
    @workflow(PUBLIC)
    async def login(
        self,
        info: Info,
        input: Annotated[
            inputs.LoginInput,
            strawberry.argument(description="The credentials, and the device token of an earlier login."),
        ],
    ) -> payloads.LoginPayload:
        """Log in with an e-mail address and password.

        After three wrong passwords the account is locked for this client, for longer each time (ACCOUNT_LOCKED).
        """
        context = info.context
        origin = context.request.origin(input.device_token)
        auth = await context.services.auth.login(context.db, context.actor, origin, input.email, input.password)
        return payloads.LoginPayload(auth=_with_login_logged(auth))

    @command(PUBLIC)
    async def refresh_token(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.RefreshTokenInput,
            strawberry.argument(description="The refresh token of the last login or refresh; it is good once."),
        ],
    ) -> payloads.RefreshTokenPayload:
        """Exchange a refresh token for the session's next tokens. Send the request without an access token."""
        auth = await info.context.services.auth.refresh_token(tx, input.refresh_token, info.context.request.origin())
        return payloads.RefreshTokenPayload(auth=present(AuthResponse, auth))

    @command(AUTHENTICATED)
    async def logout(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.LogoutInput | None,
            strawberry.argument(description="Which sessions to end; the current one by default."),
        ] = None,
    ) -> payloads.LogoutPayload:
        """End the current session, or all sessions of the caller. Their tokens become invalid."""
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
        """End one of the caller's sessions. Its tokens become invalid."""
        session = await info.context.services.auth.sessions.end(tx, info.context.actor, input.id)
        return payloads.SessionEndPayload(session=present(Session, session))

    @command(AUTHENTICATED)
    async def sessions_end_others(self, info: Info, tx: Tx) -> payloads.SessionsEndOthersPayload:
        """End all of the caller's sessions except the current one."""
        ended = await info.context.services.auth.sessions.end_others(tx, info.context.actor)
        return payloads.SessionsEndOthersPayload(ended_sessions=ended)

    @sensitive
    @workflow(PUBLIC)
    async def password_reset_request(
        self,
        info: Info,
        input: Annotated[
            inputs.PasswordResetRequestInput,
            strawberry.argument(description="The address of the account whose password is forgotten."),
        ],
    ) -> payloads.PasswordResetRequestPayload:
        """Send a token to reset the password to an address. It can be used once, within 30 minutes.

        The result does not reveal whether the address has an account.
        """
        context = info.context
        await context.services.auth.passwords.request_reset(
            context.db, context.actor, context.request.origin(), input.email
        )
        return payloads.PasswordResetRequestPayload(mail_sent=True)

    @sensitive
    @workflow(PUBLIC)
    async def password_reset(
        self,
        info: Info,
        input: Annotated[
            inputs.PasswordResetInput,
            strawberry.argument(description="The token from the mail, with the password to set."),
        ],
    ) -> payloads.PasswordResetPayload:
        """Set a new password with the token from the e-mail. All sessions end; log in with the new password."""
        context = info.context
        await context.services.auth.passwords.reset(
            context.db, context.actor, context.request.origin(), input.token, input.new_password
        )
        return payloads.PasswordResetPayload(password_changed=True)

    @sensitive
    @workflow(AUTHENTICATED)
    async def password_change(
        self,
        info: Info,
        input: Annotated[
            inputs.PasswordChangeInput,
            strawberry.argument(description="The present password as a confirmation, with the one to set."),
        ],
    ) -> payloads.PasswordChangePayload:
        """Change the caller's own password. The caller is notified by e-mail, and by default other sessions end."""
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

    @sensitive
    @workflow(AUTHENTICATED)
    async def email_change_request(
        self,
        info: Info,
        input: Annotated[
            inputs.EmailChangeRequestInput,
            strawberry.argument(description="The address to use from now on, which gets a code."),
        ],
    ) -> payloads.EmailChangeRequestPayload:
        """Request another e-mail address for the caller's account. A code is sent to it; see `emailChangeConfirm`."""
        context = info.context
        await context.services.auth.email_change.request(
            context.db, context.actor, context.request.origin(), input.new_email, input.current_password
        )
        return payloads.EmailChangeRequestPayload(mail_sent=True)

    @sensitive
    @workflow(AUTHENTICATED)
    async def email_change_confirm(
        self,
        info: Info,
        input: Annotated[
            inputs.EmailChangeConfirmInput,
            strawberry.argument(description="The code from the e-mail to the new address."),
        ],
    ) -> payloads.EmailChangeConfirmPayload:
        """Change to the requested e-mail address with the code that was sent to it.

        The old address is notified, and all other sessions end. A code allows five attempts.
        """
        context = info.context
        user = await context.services.auth.email_change.confirm(
            context.db, context.actor, context.request.origin(), input.code
        )
        return payloads.EmailChangeConfirmPayload(user=present(User, user))
