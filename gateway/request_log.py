"""The record of a request for the access log and the security log.

Every refusal is recorded here, whether the response has it in a payload, at the top level, or as a route's error.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

from graphql import OperationDefinitionNode

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError, SecurityEvent
from domains.kernel.rate_limits import Admission, strictest
from domains.kernel.validation import errors_of

MAX_ENTRIES: Final = 10
NAME_LENGTH: Final = 80
UNAUTHENTICATED: Final = "UNAUTHENTICATED"
LOGGED_IN: Final = "LOGGED_IN"
RATE_LIMITED: Final = "RATE_LIMITED"
SECURITY_EVENTS: Final = {
    UNAUTHENTICATED: SecurityEvent.AUTHENTICATION,
    "OPERATION_NOT_ALLOWED": SecurityEvent.AUTHORIZATION,
    "ORIGIN_NOT_ALLOWED": SecurityEvent.AUTHORIZATION,
}


class SecurityRecord(NamedTuple):
    """A login, or a refusal that is a security event: its kind, error code, class of the error, and user."""

    kind: SecurityEvent
    code: str
    reason: str
    user: UUID | None


class Operation(NamedTuple):
    """An operation as log lines have it: its name in the document, its type, and its first ten root fields.

    Of a name it has the first 80 characters: cached answers keep it, and no more of their documents.
    """

    name: str | None
    type: str
    fields: tuple[str, ...]

    @classmethod
    def of(cls, node: OperationDefinitionNode, root_fields: Iterable[str]) -> "Operation":
        """The operation of a document's node with these root fields."""
        fields = tuple(islice(root_fields, MAX_ENTRIES))
        return cls(node.name.value[:NAME_LENGTH] if node.name else None, node.operation.value, fields)


@dataclass(slots=True)
class RequestLog:
    """Actor, operation and errors of a request: ids, names and codes, and no value of the input.

    The client chooses the name of an operation: letters, digits and `_`.
    `admission` is that of the strictest rate limit, `rate_limit` the name of the one that refused the request.
    """

    request_id: str = ""
    actor: Actor | None = None
    operation: Operation | None = None
    name: str | None = None
    codes: dict[str, None] = field(default_factory=dict)
    security_records: dict[SecurityRecord, int] = field(default_factory=dict)
    cost: int | None = None
    admission: Admission | None = None
    rate_limit: str | None = None

    def ids(self) -> dict[str, str | None]:
        """What every line of the request has: the user (None for a guest) and the company."""
        actor = self.actor
        return {
            "user": str(actor.user_id) if actor and actor.user_id else None,
            "company": str(actor.company_id) if actor else None,
        }

    def fields(self) -> dict[str, Any]:
        """What its lines of the access log and the security log have: these ids, and the operation."""
        operation = self.operation
        name = operation.name if operation and operation.name else self.name
        return {
            **self.ids(),
            "operation": name,
            "type": operation.type if operation else None,
            "fields": list(operation.fields) if operation else None,
        }


_current: ContextVar[RequestLog | None] = ContextVar("request_log", default=None)
current = _current.get


def recording(request_id: str) -> AbstractContextManager[RequestLog]:
    """Record the request that the body serves."""
    return _Recording(request_id)


class _Recording(AbstractContextManager[RequestLog]):
    """Records while it is entered; a class, because every request needs it and a generator takes twice the time."""

    def __init__(self, request_id: str) -> None:
        self._log = RequestLog(request_id)

    def __enter__(self) -> RequestLog:
        self._token = _current.set(self._log)
        return self._log

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def record_actor(actor: Actor) -> None:
    """Record the actor of the request."""
    if (log := _current.get()) is not None:
        log.actor = actor


def record_operation_name(name: str | None) -> None:
    """Record the operation name that the client sent."""
    if (log := _current.get()) is not None:
        log.name = name


def record_operation(operation: Operation) -> None:
    """Record the operation that is executed."""
    if (log := _current.get()) is not None:
        log.operation = operation


def record_cost(cost: int) -> None:
    """Record the cost of the operation."""
    if (log := _current.get()) is not None:
        log.cost = cost


def record_admission(admission: Admission) -> None:
    """Record that a rate limit admits or refuses the request."""
    if (log := _current.get()) is not None:
        known = log.admission
        log.admission = admission if known is None else strictest((known, admission))


def record_throttling(rate_limit: str, count: int) -> None:
    """Record the rate limit that refused the request, and refusals of the client as a security event unless 0."""
    if (log := _current.get()) is not None:
        log.rate_limit = rate_limit
        if count:
            log.security_records[SecurityRecord(SecurityEvent.THROTTLING, RATE_LIMITED, rate_limit, None)] = count


def record_login(user: UUID) -> None:
    """Record a login."""
    if (log := _current.get()) is not None:
        _count(log, SecurityRecord(SecurityEvent.AUTHENTICATION, LOGGED_IN, "NewSession", user))


def record_refusal(error: DomainError) -> None:
    """Record a domain error, or each one of ValidationErrors."""
    if (log := _current.get()) is not None:
        for each in errors_of(error):
            _record(log, each.code, each.security, each)


def record_error(code: str, cause: BaseException | None = None) -> None:
    """Record an error of this code; its cause may be a domain error."""
    if (log := _current.get()) is not None:
        _record(log, code, SECURITY_EVENTS.get(code), cause)


def _record(log: RequestLog, code: str, kind: SecurityEvent | None, cause: BaseException | None) -> None:
    if len(log.codes) < MAX_ENTRIES:
        log.codes[code] = None
    if kind is not None:
        user = cause.subject_id if isinstance(cause, DomainError) else None
        _count(log, SecurityRecord(kind, code, _reason(cause), user))


def _count(log: RequestLog, record: SecurityRecord) -> None:
    recorded = log.security_records.get(record, 0)
    if recorded or len(log.security_records) < MAX_ENTRIES:
        log.security_records[record] = recorded + 1


def _reason(cause: BaseException | None) -> str:
    """The name of the error's class, or of its nearest public base class."""
    classes = type(cause).__mro__ if cause is not None else ()
    return next((cls.__name__ for cls in classes if not cls.__name__.startswith("_")), "Malformed")
