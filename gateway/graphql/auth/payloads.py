"""Payloads of the auth domain's mutations."""

from typing import Any

import strawberry

from gateway.graphql.auth.types import AuthResponse, Session, User
from gateway.graphql.core.errors import UserError


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why nothing was changed; empty on success.")


def _mail_sent() -> Any:
    return strawberry.field(
        default=False,
        description="Whether an e-mail is being sent. It does not reveal whether the address has an account.",
    )


def _auth() -> Any:
    return strawberry.field(default=None, description="The tokens of the new session. Null when there are errors.")


def _user(description: str) -> Any:
    return strawberry.field(default=None, description=description)


def _ended() -> Any:
    return strawberry.field(default=None, description="The number of ended sessions. Null when there are errors.")


@strawberry.type(description="The result of `register`. It does not reveal whether the address has an account.")
class RegisterPayload:
    """See AuthService.register."""

    mail_sent: bool = _mail_sent()
    ticket: str | None = strawberry.field(
        default=None,
        description="The ticket that `emailVerify` needs together with the code; null when there are errors.",
    )
    auth: AuthResponse | None = strawberry.field(
        default=None,
        description=(
            "The tokens of a new session where addresses need no confirmation, as in a demo; otherwise null."
        ),
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `emailVerify`.")
class EmailVerifyPayload:
    """See Registration.confirm."""

    auth: AuthResponse | None = _auth()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `emailVerificationResend`.")
class EmailVerificationResendPayload:
    """See Registration.resend."""

    mail_sent: bool = _mail_sent()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `login`.")
class LoginPayload:
    """See AuthService.login."""

    auth: AuthResponse | None = _auth()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `refreshToken`.")
class RefreshTokenPayload:
    """See Sessions.refresh."""

    auth: AuthResponse | None = strawberry.field(
        default=None, description="The session's next tokens. Null when there are errors."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `logout`.")
class LogoutPayload:
    """See AuthService.logout."""

    ended_sessions: int | None = _ended()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `sessionEnd`.")
class SessionEndPayload:
    """See Sessions.end."""

    session: Session | None = strawberry.field(
        default=None, description="The ended session. Null when there are errors."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `sessionsEndOthers`.")
class SessionsEndOthersPayload:
    """See Sessions.end_others."""

    ended_sessions: int | None = _ended()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `passwordResetRequest`.")
class PasswordResetRequestPayload:
    """See Passwords.request_reset."""

    mail_sent: bool = _mail_sent()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `passwordReset`.")
class PasswordResetPayload:
    """See Passwords.reset."""

    password_changed: bool = strawberry.field(
        default=False, description="True when the new password is set; all sessions have then ended."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `passwordChange`.")
class PasswordChangePayload:
    """See Passwords.change."""

    password_changed: bool = strawberry.field(default=False, description="True when the new password is set.")
    ended_sessions: int | None = _ended()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `emailChangeRequest`.")
class EmailChangeRequestPayload:
    """See EmailChange.request."""

    mail_sent: bool = _mail_sent()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `emailChangeConfirm`.")
class EmailChangeConfirmPayload:
    """See EmailChange.confirm."""

    user: User | None = _user("The caller with the new address. Null when there are errors.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `userInvite`.")
class UserInvitePayload:
    """See Invitations.invite."""

    user: User | None = _user("The new member of staff; null without USERS:READ.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `userDisable`.")
class UserDisablePayload:
    """See Members.disable."""

    user: User | None = _user("The disabled user. Null when there are errors, and for callers without USERS:READ.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `userEnable`.")
class UserEnablePayload:
    """See Members.enable."""

    user: User | None = _user("The enabled user. Null when there are errors, and for callers without USERS:READ.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `userRoleAssign`.")
class UserRoleAssignPayload:
    """See Members.assign_role."""

    user: User | None = _user(
        "The user with the new role. Null when there are errors, and for callers without USERS:READ."
    )
    errors: list[UserError] = _errors()
