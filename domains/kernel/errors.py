"""Errors of the domain: each states a fact that the caller can read and mend."""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar
from uuid import UUID


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


class SecurityEvent(StrEnum):
    """What an error tells of whoever keeps watch; it is logged with who asked, from where, and for what."""

    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    THROTTLING = "throttling"


class DomainError(Exception):
    """Something the caller asked for that the rules refuse.

    `field` names the value at fault in the domain's own terms, outermost first: `("variants", "1", "sku")`.
    An error with `commits = True` keeps what its transaction has written: a wrong code that counts.
    One with a `security` is logged as an event of that kind; `concerns` is the user it is about, when it is not the
    one who asked. That is for the log alone: the answer must not tell whether there is one.
    """

    code: ClassVar[ErrorCode] = ErrorCode.INVALID
    commits: ClassVar[bool] = False
    security: ClassVar[SecurityEvent | None] = None
    concerns: UUID | None = None

    def __init__(self, message: str, *, field: str | Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = (field,) if isinstance(field, str) else tuple(field)


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
    security = SecurityEvent.THROTTLING

    def __init__(self, message: str, *, retry_after: int, field: Sequence[str] = ()) -> None:
        super().__init__(message, field=field)
        self.retry_after = retry_after


class Unauthenticated(DomainError):
    """Nobody is signed in, or the token is not good; it fails the whole field."""

    code = ErrorCode.UNAUTHENTICATED
    security = SecurityEvent.AUTHENTICATION


class PermissionDenied(DomainError):
    """The actor lacks the permission; it fails the whole field."""

    code = ErrorCode.FORBIDDEN
    security = SecurityEvent.AUTHORIZATION
