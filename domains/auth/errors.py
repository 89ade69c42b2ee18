"""What can go wrong with accounts, stated so that whoever reads it can act, and an attacker learns nothing."""

from collections.abc import Sequence
from uuid import UUID

from domains.kernel.errors import (
    AlreadyExists,
    DomainError,
    ErrorCode,
    NotAllowed,
    NotFound,
    RateLimited,
    SecurityEvent,
)


class InvalidCredentials(DomainError):
    """The one refusal of a sign-in: no account, wrong password, unconfirmed, disabled (ASVS 6.3.8)."""

    code = ErrorCode.INVALID_CREDENTIALS
    security = SecurityEvent.AUTHENTICATION

    def __init__(self, concerns: UUID | None = None) -> None:
        super().__init__(
            "The e-mail address or the password is wrong, or the address is not confirmed yet.", field=()
        )
        self.concerns = concerns


class WrongPassword(DomainError):
    """Somebody who is signed in did not give their current password."""

    code = ErrorCode.INVALID_CREDENTIALS
    security = SecurityEvent.AUTHENTICATION

    def __init__(self) -> None:
        super().__init__("The current password is wrong.", field=("current_password",))


class WeakPassword(DomainError):
    """A new password that is too short, too common, or made of the shop's name."""

    code = ErrorCode.WEAK_PASSWORD


class AccountLocked(RateLimited):
    """Too many wrong guesses at one account; it opens again by itself, and a password reset opens it at once."""

    code = ErrorCode.ACCOUNT_LOCKED


class InvalidToken(DomainError):
    """A token that is not ours, is used up, or is past its time."""

    code = ErrorCode.INVALID_TOKEN
    security = SecurityEvent.AUTHENTICATION


class InvalidCode(DomainError):
    """A wrong, used or late six-digit code. The try counts, so it commits."""

    code = ErrorCode.INVALID_CODE
    security = SecurityEvent.AUTHENTICATION
    commits = True

    def __init__(self) -> None:
        super().__init__(
            "The code is wrong or no longer good. Ask for a new one after a few wrong tries.", field=("code",)
        )


class SessionRevoked(DomainError):
    """A refresh token came a second time: whoever holds a copy is out, and so is its owner (RFC 9700 §4.14.2)."""

    code = ErrorCode.SESSION_REVOKED
    security = SecurityEvent.AUTHENTICATION
    commits = True

    def __init__(self, concerns: UUID) -> None:
        super().__init__(
            "This refresh token was used before and may have been stolen: its session has been ended. Sign in again.",
            field=("refresh_token",),
        )
        self.concerns = concerns


class EmailTaken(AlreadyExists):
    """Somebody has an account with this address."""

    def __init__(self) -> None:
        super().__init__("There is already an account with this e-mail address.", field=("email",))


class UserNotFound(NotFound):
    """No such user among the company's members and customers."""

    def __init__(self, user_id: UUID) -> None:
        super().__init__(f"There is no user {user_id}.", field=("id",))


class SessionNotFound(NotFound):
    """No such session of this user's own."""

    def __init__(self, session_id: UUID) -> None:
        super().__init__(f"You have no session {session_id}.", field=("id",))


class AddressNotFound(NotFound):
    """No such address in the user's book."""

    def __init__(self, address_id: UUID, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(f"There is no address {address_id}.", field=field)


class RoleOutOfReach(NotAllowed):
    """The role, or the user's present one, stands above the actor's own."""

    security = SecurityEvent.AUTHORIZATION


class LastSuperAdministrator(NotAllowed):
    """Without this one nobody could govern the platform."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self) -> None:
        super().__init__("This is the last active super administrator. Make somebody else one first.", field=("id",))


class TooManyAddresses(DomainError):
    """The address book is full."""

    code = ErrorCode.LIMIT_EXCEEDED

    def __init__(self, most: int) -> None:
        super().__init__(f"An address book holds {most} addresses. Delete one first.", field=())


class SelfDisabling(NotAllowed):
    """Somebody would lock themselves out."""

    def __init__(self) -> None:
        super().__init__("You cannot disable yourself. Ask another administrator.", field=("id",))
