"""Counts of SQL statements, which tests assert and the access log shows."""

from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

MAX_TEXTS: Final = 200  # a subscription executes statements for hours


@dataclass(slots=True)
class StatementCount:
    """The number of statements by purpose: `data`, lookup of the `actor`, `tenant` setting, BEGIN and COMMIT.

    `texts` has the SQL of the first data statements, at most 200.
    """

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
        self.texts += inner.texts[: MAX_TEXTS - len(self.texts)]


_current: ContextVar[StatementCount | None] = ContextVar("statement_count", default=None)


def counting(*, as_actor: bool = False) -> AbstractContextManager[StatementCount]:
    """Count the statements that run in the body, in this task and the tasks that it starts.

    Where the body is itself a part of what is counted, they are added to the whole at its end.
    """
    return _Counting(as_actor)


class _Counting(AbstractContextManager[StatementCount]):
    """Counts while it is entered; a class, because every request needs it and a generator takes twice the time."""

    def __init__(self, as_actor: bool) -> None:
        self._as_actor = as_actor
        self._whole = _current.get()
        self._part = StatementCount()

    def __enter__(self) -> StatementCount:
        self._token = _current.set(self._part)
        return self._part

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
        if self._whole is not None:
            self._whole.add(self._part, as_actor=self._as_actor)


def count_data(sql: str) -> None:
    """Count one data statement."""
    counter = _current.get()
    if counter is not None:
        counter.data += 1
        if len(counter.texts) < MAX_TEXTS:
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
