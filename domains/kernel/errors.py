"""Errors of the domain: each states a fact that the caller can read and mend."""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """The stable names of what can go wrong; a client branches on these, never on a message."""

    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    CONFLICT = "CONFLICT"
    CYCLE = "CYCLE"
    EXPIRED = "EXPIRED"
    FORBIDDEN = "FORBIDDEN"
    GUEST_CHECKOUT_DISABLED = "GUEST_CHECKOUT_DISABLED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    INVALID = "INVALID"
    INVALID_CODE = "INVALID_CODE"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - the name of an error, no secret
    IN_USE = "IN_USE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    NOT_ALLOWED = "NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    ORDER_TOO_LARGE = "ORDER_TOO_LARGE"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    PAYMENT_METHOD_NOT_ACCEPTED = "PAYMENT_METHOD_NOT_ACCEPTED"
    RATE_LIMITED = "RATE_LIMITED"
    REQUIRED = "REQUIRED"
    SESSION_REVOKED = "SESSION_REVOKED"
    TOO_LONG = "TOO_LONG"
    TOO_MANY_UNPAID_ORDERS = "TOO_MANY_UNPAID_ORDERS"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105 - the name of an error, no secret


class DomainError(Exception):
    """Something the caller asked for that the rules refuse.

    `path` names the input that is at fault, outermost first, in the API's spelling (`input`, `slug`).
    An error with `commits = True` keeps what its transaction has written: a wrong code that counts.
    """

    code: ClassVar[ErrorCode] = ErrorCode.INVALID
    commits: ClassVar[bool] = False

    def __init__(self, message: str, *, path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)


class InvalidInput(DomainError):
    """A value that is not acceptable as given."""


class NotFound(DomainError):
    """The thing is not there, or the caller may not know that it is."""

    code = ErrorCode.NOT_FOUND


class AlreadyExists(DomainError):
    """Something else has the name, slug, SKU or address that must be unique."""

    code = ErrorCode.ALREADY_EXISTS


class Conflict(DomainError):
    """Somebody else changed the same thing meanwhile; reading it again and retrying may do."""

    code = ErrorCode.CONFLICT


class Busy(Conflict):
    """Others hold for long what this needs. Nothing was decided: the same request may succeed later."""


class NotAllowed(DomainError):
    """A rule of the business forbids this to this actor or in this state."""

    code = ErrorCode.NOT_ALLOWED


class RateLimited(DomainError):
    """Too many tries; `retry_after` says in whole seconds when to try again."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, message: str, *, retry_after: int, path: Sequence[str] = ()) -> None:
        super().__init__(message, path=path)
        self.retry_after = retry_after


class Unauthenticated(DomainError):
    """Nobody is signed in, or the token is not good; it fails the whole field."""

    code = ErrorCode.UNAUTHENTICATED


class PermissionDenied(DomainError):
    """The actor lacks the permission; it fails the whole field."""

    code = ErrorCode.FORBIDDEN
