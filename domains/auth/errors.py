"""What can go wrong with accounts, stated so that whoever reads it can act, and an attacker learns nothing."""

from collections.abc import Sequence
from uuid import UUID

from domains.kernel.errors import (
    AlreadyExists,
    Conflict,
    DomainError,
    NotAllowed,
    NotFound,
    RateLimited,
    SecurityEvent,
)


class InvalidCredentials(DomainError):
    """The e-mail address or the password is wrong, or the address is not confirmed.

    All refusals of a sign-in are the same (ASVS 6.3.8).
    """

    security = SecurityEvent.AUTHENTICATION

    def __init__(self, concerns: UUID | None = None) -> None:
        super().__init__(
            "The e-mail address or the password is wrong, or the address is not confirmed yet.", field=()
        )
        self.concerns = concerns


class WrongPassword(DomainError):
    """The current password, which confirms the change, is wrong."""

    security = SecurityEvent.AUTHENTICATION

    def __init__(self) -> None:
        super().__init__("The current password is wrong.", field=("current_password",))


class WeakPassword(DomainError):
    """The new password is too short, too common, or made of the shop's name."""


class AccountLocked(RateLimited):
    """The account is locked after too many failed attempts; time or a password reset unlocks it."""

    code = "ACCOUNT_LOCKED"


class InvalidToken(DomainError):
    """The token is unknown, used or expired."""

    security = SecurityEvent.AUTHENTICATION


class InvalidCode(DomainError):
    """The six-digit code is wrong, used or expired. The attempt counts, so it commits."""

    security = SecurityEvent.AUTHENTICATION
    commits = True

    def __init__(self) -> None:
        super().__init__(
            "The code is wrong or no longer good. Ask for a new one after a few wrong tries.", field=("code",)
        )


class SessionRevoked(DomainError):
    """The refresh token was used twice, so its session was ended (RFC 9700 §4.14.2)."""

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


class PasswordChangedMeanwhile(Conflict):
    """The password was changed by another request in the meantime."""

    def __init__(self) -> None:
        super().__init__("The password was changed elsewhere meanwhile.", field=("current_password",))


class AccountNotUsable(NotAllowed):
    """The account is disabled, or its e-mail address is not confirmed."""

    def __init__(self) -> None:
        super().__init__("This account is disabled, or its e-mail address not confirmed: mend that first.")


class RoleOutOfReach(NotAllowed):
    """The role, or the user's present role, is above the actor's own."""

    security = SecurityEvent.AUTHORIZATION


class LastSuperAdministrator(NotAllowed):
    """The last active super administrator cannot be disabled or lose the role."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self) -> None:
        super().__init__("This is the last active super administrator. Make somebody else one first.", field=("id",))


class TooManyAddresses(DomainError):
    """The address book is full; delete an address first."""

    def __init__(self, most: int) -> None:
        super().__init__(f"An address book holds {most} addresses. Delete one first.", field=())


class SelfDisabling(NotAllowed):
    """Users cannot disable their own account."""

    code = "CANNOT_DISABLE_SELF"

    def __init__(self) -> None:
        super().__init__("You cannot disable yourself. Ask another administrator.", field=("id",))
