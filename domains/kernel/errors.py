"""Errors of the domain: each states a fact that the caller can read and correct."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import ClassVar, Final
from uuid import UUID

_WORD_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class SecurityEvent(StrEnum):
    """The security event that an error is logged as, with the caller, the network address and the operation."""

    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    THROTTLING = "throttling"


class DomainError(Exception):
    """A request that the rules refuse.

    `code` is the stable name of the fact that clients branch on: by default the name of the class, and the first
    sentence of its docstring is its description in the API. A class that `is_general` shares its code with its
    subclasses; one that `is_abstract` has none of its own, and so has a private one.
    `field` names the value at fault in the domain's own terms, outermost first: `("variants", "1", "sku")`.
    An error with `commits = True` keeps what its transaction has written: a wrong code that counts.
    One with a `security` is logged as such an event; `subject_id` is the user it is about, when that is not the
    caller. It is for the log alone: the response must not reveal whether that user exists.
    """

    code: ClassVar[str] = "INVALID"
    _is_general: ClassVar[bool] = False
    commits: ClassVar[bool] = False
    security: ClassVar[SecurityEvent | None] = None
    subject_id: UUID | None = None

    def __init_subclass__(cls, *, is_general: bool = False, is_abstract: bool = False) -> None:
        super().__init_subclass__()
        has_own = not (is_abstract or cls._is_general or cls.__name__.startswith("_"))
        if has_own and "code" not in vars(cls):
            cls.code = _WORD_BOUNDARY.sub("_", cls.__name__).upper()
        cls._is_general = is_general or cls._is_general

    def __init__(self, message: str, *, field: str | Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = (field,) if isinstance(field, str) else tuple(field)


class InvalidInput(DomainError):
    """A value is not acceptable as given; `path` names it and `message` says what is accepted."""

    code = "INVALID"


class OutOfRange(InvalidInput):
    """A number is below the least or above the greatest value that is allowed; `message` names the bounds."""


class TooManyDecimals(InvalidInput):
    """A number has more decimal places than its currency or field allows."""


class TooMany(InvalidInput):
    """A list has more entries than are allowed; `message` names the number."""


class DuplicateValue(InvalidInput):
    """A list contains the same value twice, where each may stand once."""


class RangeInverted(InvalidInput):
    """The upper end of a range lies below its lower end."""


class NotApplicable(InvalidInput):
    """The field has no meaning with the other values of the input; leave it out."""


class CursorInvalid(InvalidInput):
    """The cursor is none of this list in this order; start again from the first page."""

    def __init__(self, reason: str = "This is not a cursor of this list.") -> None:
        super().__init__(f"{reason} Start again from the first page.", field=("after",))


class NotFound(DomainError, is_general=True):
    """The object does not exist, or the actor may not see it."""


class AlreadyExists(DomainError, is_abstract=True):
    """Another object already has this unique value."""


class Conflict(DomainError, is_abstract=True):
    """The same object was changed by another request; read it again and retry."""


class Busy(Conflict, is_general=True):
    """Another request is changing the same objects; send the request again."""


class NotAllowed(DomainError, is_abstract=True):
    """A rule of the business forbids this to this actor or in this state."""


class RateLimited(DomainError, is_general=True):
    """Too many attempts; `retry_after` is the number of seconds until the next one can succeed."""

    security = SecurityEvent.THROTTLING

    def __init__(self, message: str, *, retry_after: int, field: Sequence[str] = ()) -> None:
        super().__init__(message, field=field)
        self.retry_after = retry_after


class Unauthenticated(DomainError, is_general=True):
    """The request is not logged in, or its access token is not valid; it fails the whole field."""

    security = SecurityEvent.AUTHENTICATION


class PermissionDenied(DomainError, is_general=True):
    """The actor lacks the permission; it fails the whole field."""

    code = "FORBIDDEN"
    security = SecurityEvent.AUTHORIZATION


def error_codes() -> dict[str, type[DomainError]]:
    """Every code with the first class that has it as its own, of the loaded modules, in alphabetical order."""
    classes: dict[str, type[DomainError]] = {}
    for error_class in subclasses(DomainError):
        if "code" in vars(error_class):
            classes.setdefault(error_class.code, error_class)
    return dict(sorted(classes.items()))


def subclasses(error_class: type[DomainError]) -> Iterator[type[DomainError]]:
    """All classes below a class of errors, of the modules that are loaded."""
    for child in error_class.__subclasses__():
        yield child
        yield from subclasses(child)
