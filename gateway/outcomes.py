"""The outcome of a request, recorded while it is answered for the access log and the security log.

Every refusal is recorded here, whether the response has it in a payload, at the top level, or as a route's error.
"""

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

from graphql import FieldNode, OperationDefinitionNode

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError, SecurityEvent
from domains.kernel.validation import errors_of

MOST: Final = 10
NAME_LENGTH: Final = 80
UNAUTHENTICATED: Final = "UNAUTHENTICATED"
SIGNED_IN: Final = "SIGNED_IN"


class SecurityRecord(NamedTuple):
    """A login, or a refusal that is a security event: its kind, error code, class of the error, and user."""

    kind: SecurityEvent
    code: str
    reason: str
    user: UUID | None


@dataclass(slots=True)
class Outcome:
    """Actor, operation and errors of a request. It has ids, names and codes, and no value that the client sent."""

    actor: Actor | None = None
    operation: OperationDefinitionNode | None = None
    name: str | None = None
    codes: dict[str, None] = field(default_factory=dict)
    security_records: dict[SecurityRecord, int] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The fields of a log line: the user (None for a guest), the company, and the operation."""
        actor, operation = self.actor, self.operation
        named = operation.name.value if operation and operation.name else self.name
        return {
            "user": str(actor.user_id) if actor and actor.user_id else None,
            "company": str(actor.company_id) if actor else None,
            "operation": named[:NAME_LENGTH] if named else None,
            "type": operation.operation.value if operation else None,
            "fields": list(_root_fields(operation)) if operation else None,
        }


_current: ContextVar[Outcome | None] = ContextVar("outcome", default=None)
begin = _current.set
end = _current.reset


def answered_for(actor: Actor) -> None:
    """Record the actor of the request."""
    if (outcome := _current.get()) is not None:
        outcome.actor = actor


def named(name: str | None) -> None:
    """Record the operation name that the client sent."""
    if (outcome := _current.get()) is not None:
        outcome.name = name


def runs(operation: OperationDefinitionNode) -> None:
    """Record the operation that is executed."""
    if (outcome := _current.get()) is not None:
        outcome.operation = operation


def signed_in(user: UUID) -> None:
    """Record a login."""
    if (outcome := _current.get()) is not None:
        _count(outcome, SecurityRecord(SecurityEvent.AUTHENTICATION, SIGNED_IN, "NewSession", user))


def refused(error: DomainError) -> None:
    """Record a domain error, or each one of ValidationErrors."""
    if (outcome := _current.get()) is not None:
        for each in errors_of(error):
            _note(outcome, each.code, each.security, each)


def failed(code: str, cause: BaseException | None = None) -> None:
    """Record an error of this code; its cause may be a domain error."""
    if (outcome := _current.get()) is not None:
        kind = SecurityEvent.AUTHENTICATION if code == UNAUTHENTICATED else None
        _note(outcome, code, kind, cause)


def _note(outcome: Outcome, code: str, kind: SecurityEvent | None, cause: BaseException | None) -> None:
    if len(outcome.codes) < MOST:
        outcome.codes[code] = None
    if kind is not None:
        user = cause.subject_id if isinstance(cause, DomainError) else None
        _count(outcome, SecurityRecord(kind, code, _reason(cause), user))


def _count(outcome: Outcome, record: SecurityRecord) -> None:
    known = outcome.security_records.get(record, 0)
    if known or len(outcome.security_records) < MOST:
        outcome.security_records[record] = known + 1


def _reason(cause: BaseException | None) -> str:
    """The name of the error's class, or of its nearest public base class."""
    kinds = type(cause).__mro__ if cause is not None else ()
    return next((kind.__name__ for kind in kinds if not kind.__name__.startswith("_")), "Malformed")


def _root_fields(operation: OperationDefinitionNode) -> Iterator[str]:
    for selection in operation.selection_set.selections[:MOST]:
        yield selection.name.value if isinstance(selection, FieldNode) else "..."
