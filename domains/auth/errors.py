"""The errors of the auth domain. Messages say what to do, and do not reveal whether an account exists."""

from collections.abc import Sequence
from uuid import UUID

from domains.kernel.errors import (
    AlreadyExists,
    Conflict,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    RateLimited,
    SecurityEvent,
)


class InvalidCredentials(DomainError):
    """The login was refused: no account, wrong password, or not confirmed or disabled (ASVS 6.3.8)."""

    security = SecurityEvent.AUTHENTICATION

    def __init__(self, subject_id: UUID | None = None) -> None:
        super().__init__(
            "The e-mail address or the password is wrong, or the address is not confirmed yet.", field=()
        )
        self.subject_id = subject_id


class WrongPassword(DomainError):
    """The current password that a logged-in user gave is wrong."""

    security = SecurityEvent.AUTHENTICATION

    def __init__(self) -> None:
        super().__init__("The current password is wrong.", field=("current_password",))


class WeakPassword(DomainError):
    """The new password is too short, too common, or contains the company's name."""


class AccountLocked(RateLimited):
    """Too many wrong attempts at one account. It unlocks with time, or at once with a password reset."""

    code = "ACCOUNT_LOCKED"


class InvalidToken(DomainError):
    """The token is invalid, used or expired."""

    security = SecurityEvent.AUTHENTICATION


class InvalidResetToken(InvalidToken):
    """The token to reset a password is invalid, used or expired."""

    def __init__(self) -> None:
        super().__init__("This token is invalid or has expired. Request a new one.", field=("token",))


class InvalidCode(DomainError):
    """The six-digit code is wrong, used or expired. Commits, because the attempt counts."""

    security = SecurityEvent.AUTHENTICATION
    commits = True

    def __init__(self) -> None:
        super().__init__(
            "The code is wrong or has expired. After five wrong codes, request a new one.", field=("code",)
        )


class SessionRevoked(DomainError):
    """A refresh token was used twice, so its session was ended for everyone who has it (RFC 9700 §4.14.2)."""

    security = SecurityEvent.AUTHENTICATION
    commits = True

    def __init__(self, subject_id: UUID) -> None:
        super().__init__(
            "This refresh token was used before and may have been stolen. The session was ended; log in again.",
            field=("refresh_token",),
        )
        self.subject_id = subject_id


class EmailTaken(AlreadyExists):
    """Another account has this address."""

    def __init__(self) -> None:
        super().__init__("There is already an account with this e-mail address.", field=("email",))


class EmailUnchanged(InvalidInput):
    """The new e-mail address is the one that the account already has."""

    def __init__(self) -> None:
        super().__init__("This is already your address. Enter another one.", field=("new_email",))


class UserNotFound(NotFound):
    """The company has no member with this id."""

    def __init__(self, user_id: UUID, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(f"There is no user {user_id}.", field=field)


class SessionNotFound(NotFound):
    """The user has no active session with this id."""

    def __init__(self, session_id: UUID) -> None:
        super().__init__(f"You have no session {session_id}.", field=("id",))


class PasswordChangedMeanwhile(Conflict):
    """The password was changed by another request in the meantime."""

    def __init__(self) -> None:
        super().__init__("The password was changed by another request. Log in again.", field=("current_password",))


class AccountNotUsable(NotAllowed):
    """The account is disabled, or its e-mail address is not confirmed."""

    def __init__(self) -> None:
        super().__init__(
            "This account is disabled or its e-mail address is not confirmed. Enable or confirm it first."
        )


class RoleOutOfReach(NotAllowed):
    """The user's role is above the actor's own."""

    security = SecurityEvent.AUTHORIZATION


class LastSuperAdministrator(NotAllowed):
    """The change would leave the platform without an active super administrator."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self) -> None:
        super().__init__(
            "This is the last active super administrator. Assign the role to another user first.", field=("id",)
        )


class CannotDisableSelf(NotAllowed):
    """Users cannot disable themselves."""

    def __init__(self) -> None:
        super().__init__("You cannot disable yourself. Ask another administrator.", field=("id",))
