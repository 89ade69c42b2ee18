"""Counts of SQL statements, which tests assert and the access log shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class StatementCount:
    """The number of statements by purpose: `data`, lookup of the `actor`, `tenant` setting, BEGIN and COMMIT."""

    data: int = 0
    actor: int = 0
    tenant: int = 0
    control: int = 0
    texts: list[str] = field(default_factory=list)


_current: ContextVar[StatementCount | None] = ContextVar("statement_count", default=None)


@contextmanager
def counting() -> Iterator[StatementCount]:
    """Count the statements that run in the body, in this task and the tasks that it starts."""
    counter = StatementCount()
    token = _current.set(counter)
    try:
        yield counter
    finally:
        _current.reset(token)


@contextmanager
def counting_as_actor() -> Iterator[None]:
    """In the body, data statements count as lookups of the actor."""
    outer = _current.get()
    with counting() as inner:
        yield
    if outer is not None:
        outer.actor += inner.data
        outer.tenant += inner.tenant
        outer.texts += inner.texts


def count_data(sql: str) -> None:
    """Count one data statement."""
    counter = _current.get()
    if counter is not None:
        counter.data += 1
        counter.texts.append(sql)


def count_tenant() -> None:
    """Count one setting of the company on a connection."""
    counter = _current.get()
    if counter is not None:
        counter.tenant += 1


def count_control() -> None:
    """Count one BEGIN, COMMIT, ROLLBACK or savepoint."""
    counter = _current.get()
    if counter is not None:
        counter.control += 1
