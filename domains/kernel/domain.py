"""How a domain declares itself: how it is built, what it checks, runs, listens to and guards."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from types import ModuleType
from typing import Any, Generic, TypeVar

from domains.kernel.clock import Clock
from domains.kernel.events import Event, Handler
from domains.kernel.invariants import Rule
from domains.kernel.permissions import PermissionResource
from domains.kernel.ports import Cache, Mailer

S = TypeVar("S")
T = TypeVar("T")


class Parts:
    """What domains are built from: ports, adapters and settings by their class, and the services of lower domains."""

    def __init__(self, *given: object, clock: Clock, cache: Cache, mailer: Mailer) -> None:
        self.clock = clock
        self.cache = cache
        self.mailer = mailer
        self._by_class: dict[type, object] = {type(part): part for part in given}

    def add(self, part: object) -> None:
        """Make a part available to the domains that are built later."""
        self._by_class[type(part)] = part

    def of(self, kind: type[T]) -> T:
        """The part of exactly this class. Raises LookupError when there is none (yet)."""
        try:
            return self._by_class[kind]  # type: ignore[return-value] # keyed by its own class
        except KeyError:
            raise LookupError(f"There is no {kind.__name__}: its domain is missing, or stands higher.") from None


class Scope(Enum):
    """In whose transactions a job works."""

    COMPANY = auto()
    """`work(tx)` in transactions of each company, until it returns 0."""
    COMPANY_WORKFLOW = auto()
    """`work(db, actor)` once for each company; it opens its own transactions."""
    PLATFORM = auto()
    """`work(tx)` in transactions of no company, until it returns 0."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is repeated at an interval, by one process at a time. It may be interrupted at any point."""

    name: str
    every: timedelta
    work: Callable[..., Awaitable[Any]]
    scope: Scope = Scope.COMPANY


def every_event(_payload: Mapping[str, Any]) -> bool:
    """The filter of a subscription to all events of its topics."""
    return True


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler of the events of some topics, or of those whose payload the filter `only_if` accepts.

    The inbox records events by `name`: it must not change, or events would be handled twice.
    """

    name: str
    topics: Sequence[str]
    handler: Handler
    only_if: Callable[[Mapping[str, Any]], bool] = every_event


def nothing(_service: Any) -> tuple[()]:
    """The jobs or subscriptions of a domain without any."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain(Generic[S]):
    """The declaration of one domain, from which the platform is assembled; `name` is its folder's.

    `build` receives what the domain needs from below. `money_tables` are its tables that hold amounts in the
    company's currency. `permissions` are the resources that its fields are guarded by.
    """

    name: str
    build: Callable[[Parts], S]
    rules: Sequence[Rule] = ()
    jobs: Callable[[S], Sequence[Job]] = nothing
    subscriptions: Callable[[S], Sequence[Subscription]] = nothing
    events: Sequence[type[Event]] = ()
    permissions: Sequence[PermissionResource] = ()
    money_tables: Sequence[str] = ()


def events_in(module: ModuleType) -> tuple[type[Event], ...]:
    """The event classes that a module defines: those with a topic."""
    found = (each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Event))
    return tuple(each for each in found if each.__module__ == module.__name__ and "topic" in vars(each))
