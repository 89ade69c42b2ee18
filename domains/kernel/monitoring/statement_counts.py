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

    def add(self, inner: "StatementCount", *, as_actor: bool = False) -> None:
        """Add the statements of a part, its data statements as lookups of the actor if they are."""
        self.data += 0 if as_actor else inner.data
        self.actor += inner.actor + (inner.data if as_actor else 0)
        self.tenant += inner.tenant
        self.control += inner.control
        self.texts += inner.texts


_current: ContextVar[StatementCount | None] = ContextVar("statement_count", default=None)


@contextmanager
def counting(*, as_actor: bool = False) -> Iterator[StatementCount]:
    """Count the statements that run in the body, in this task and the tasks that it starts.

    Where the body is itself a part of what is counted, they are added to the whole at its end.
    """
    whole, counter = _current.get(), StatementCount()
    token = _current.set(counter)
    try:
        yield counter
    finally:
        _current.reset(token)
        if whole is not None:
            whole.add(counter, as_actor=as_actor)


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
