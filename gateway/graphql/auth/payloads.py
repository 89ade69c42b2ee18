"""What comes of a change to an account."""

from typing import Any

import strawberry

from gateway.graphql.auth.types import AuthResponse, Session, User
from gateway.graphql.core.errors import UserError


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why it was not done; empty when it was.")


def _mail_sent() -> Any:
    return strawberry.field(
        default=False, description="Whether a mail is on its way; it says nothing of whether there is an account."
    )


def _auth() -> Any:
    return strawberry.field(default=None, description="The new session.")


def _user(description: str) -> Any:
    return strawberry.field(default=None, description=description)


def _ended() -> Any:
    return strawberry.field(default=None, description="How many sessions were ended.")


@strawberry.type(description="The outcome of registering, the same whether or not there was an account before.")
class RegisterPayload:
    """See Registering.register."""

    mail_sent: bool = _mail_sent()
    ticket: str | None = strawberry.field(default=None, description="To be given with the code to `emailVerify`.")
    auth: AuthResponse | None = strawberry.field(
        default=None, description="The new session, only where addresses need not be confirmed (a demo)."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of confirming a new account's address.")
class EmailVerifyPayload:
    """See Registering.confirm."""

    auth: AuthResponse | None = _auth()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of asking for another code.")
class EmailVerificationResendPayload:
    """See Registering.resend."""

    mail_sent: bool = _mail_sent()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of signing in.")
class LoginPayload:
    """See SigningIn.login."""

    auth: AuthResponse | None = _auth()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of asking for the next tokens.")
class RefreshTokenPayload:
    """See Sessions.refresh."""

    auth: AuthResponse | None = strawberry.field(default=None, description="The same session with its next tokens.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of signing out.")
class LogoutPayload:
    """See AuthService.logout."""

    ended_sessions: int | None = _ended()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of ending a session.")
class SessionEndPayload:
    """See Sessions.end."""

    session: Session | None = strawberry.field(default=None, description="The session that was ended.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of ending all other sessions.")
class SessionsEndOthersPayload:
    """See Sessions.end_all."""

    ended_sessions: int | None = _ended()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of asking to reset a password.")
class PasswordResetRequestPayload:
    """See Recovery.request."""

    mail_sent: bool = _mail_sent()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of resetting a password: sign in with it now.")
class PasswordResetPayload:
    """See Recovery.reset."""

    password_changed: bool = strawberry.field(default=False, description="Whether the new password is in force.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of changing a password.")
class PasswordChangePayload:
    """See Credentials.change_password."""

    password_changed: bool = strawberry.field(default=False, description="Whether the new password is in force.")
    ended_sessions: int | None = _ended()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of asking for another e-mail address.")
class EmailChangeRequestPayload:
    """See Credentials.request_email_change."""

    mail_sent: bool = _mail_sent()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of confirming another e-mail address.")
class EmailChangeConfirmPayload:
    """See Credentials.confirm_email_change."""

    user: User | None = _user("Oneself, with the new address.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of inviting somebody.")
class UserInvitePayload:
    """See Administration.invite."""

    user: User | None = _user("The new member of staff; null without USERS:READ.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of shutting somebody out.")
class UserDisablePayload:
    """See Administration.disable."""

    user: User | None = _user("The user, shut out; null without USERS:READ.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of letting somebody in again.")
class UserEnablePayload:
    """See Administration.enable."""

    user: User | None = _user("The user, let in; null without USERS:READ.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of giving somebody a role.")
class UserRoleAssignPayload:
    """See Administration.assign_role."""

    user: User | None = _user("The user with the role; null without USERS:READ.")
    errors: list[UserError] = _errors()
