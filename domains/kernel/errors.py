"""Errors of the domain: each states a fact that the caller can read and mend."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import ClassVar, Final
from uuid import UUID

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class SecurityEvent(StrEnum):
    """The kind of security event that an error is logged as, with who asked, from where, and for what."""

    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    THROTTLING = "throttling"


class DomainError(Exception):
    """Something the caller asked for that the rules refuse.

    `code` is the stable name of the fact that clients branch on: by default the name of the class, and the first
    sentence of its docstring is its description in the API. A class that `is_general` shares its code with its
    subclasses; one that `is_abstract` has none of its own, and so has a private one.
    `field` names the value at fault in the domain's own terms, outermost first: `("variants", "1", "sku")`.
    An error with `commits = True` keeps what its transaction has written: a wrong code that counts.
    One with a `security` is logged as an event of that kind; `concerns` is the user it is about, when it is not the
    one who asked. That is for the log alone: the answer must not tell whether there is one.
    """

    code: ClassVar[str] = "INVALID"
    _is_general: ClassVar[bool] = False
    commits: ClassVar[bool] = False
    security: ClassVar[SecurityEvent | None] = None
    concerns: UUID | None = None

    def __init_subclass__(cls, *, is_general: bool = False, is_abstract: bool = False) -> None:
        super().__init_subclass__()
        has_own = not (is_abstract or cls._is_general or cls.__name__.startswith("_"))
        if has_own and "code" not in vars(cls):
            cls.code = _WORD.sub("_", cls.__name__).upper()
        cls._is_general = is_general or cls._is_general

    def __init__(self, message: str, *, field: str | Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = (field,) if isinstance(field, str) else tuple(field)


class InvalidInput(DomainError):
    """A value is not acceptable as given; `path` names it and `message` says what is accepted."""

    code = "INVALID"


class NotFound(DomainError, is_general=True):
    """The object does not exist, or the actor may not see it."""


class AlreadyExists(DomainError, is_general=True):
    """Another object already has this unique value, such as a slug, SKU, code or e-mail address."""


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
    """The request is not signed in, or its access token is not valid; it fails the whole field."""

    security = SecurityEvent.AUTHENTICATION


class PermissionDenied(DomainError, is_general=True):
    """The actor lacks the permission; it fails the whole field."""

    code = "FORBIDDEN"
    security = SecurityEvent.AUTHORIZATION


def error_codes() -> dict[str, type[DomainError]]:
    """Every code with the first class that has it as its own, of the loaded modules, in alphabetical order."""
    found: dict[str, type[DomainError]] = {}
    for kind in subclasses(DomainError):
        if "code" in vars(kind):
            found.setdefault(kind.code, kind)
    return dict(sorted(found.items()))


def subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    """All classes below a class of errors, of the modules that are loaded."""
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)
