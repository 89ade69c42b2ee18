"""Declarations of domains: how a domain is built, its invariants, jobs, subscriptions and permissions."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from types import ModuleType
from typing import Any, Generic, TypeVar

from domains.kernel.clock import Clock
from domains.kernel.events import Event, EventQueue, Handler
from domains.kernel.invariants import AnyInvariant
from domains.kernel.permissions import PermissionResource
from domains.kernel.personal_data import Erase, Export, Merge
from domains.kernel.ports import Cache, Encryption
from domains.kernel.prisma.privileges import Privileges
from domains.kernel.settings import SettingsCache

S = TypeVar("S")
T = TypeVar("T")


class Dependencies:
    """What domains are built from: ports, adapters and settings by their class, and the services of lower domains.

    `settings` reads the settings tables of all domains; `money_tables` are those that all domains declare.
    `encryption` is that of what waits to be sent.
    """

    def __init__(self, *adapters: object, clock: Clock, cache: Cache, encryption: Encryption) -> None:
        self.clock = clock
        self.cache = cache
        self.encryption = encryption
        self.settings = SettingsCache(clock)
        self.money_tables: Sequence[str] = ()
        self._by_class: dict[type, Any] = {type(adapter): adapter for adapter in adapters}

    def add(self, service: object) -> None:
        """Make a service available to domains that are built later."""
        self._by_class[type(service)] = service

    def get(self, dependency_type: type[T]) -> T:
        """The dependency of exactly this class. Raises LookupError when it was not added yet."""
        try:
            dependency: T = self._by_class[dependency_type]
        except KeyError:
            raise LookupError(
                f"There is no {dependency_type.__name__}: its domain is not listed, or is on a higher floor."
            ) from None
        return dependency


class Scope(Enum):
    """The tenant scope of a job's transactions."""

    COMPANY = auto()
    """`work(tx)` runs for each company, each time in a transaction of the company, until it returns 0."""
    COMPANY_WORKFLOW = auto()
    """`work(db, actor)` runs once for each company and opens its own transactions."""
    PLATFORM = auto()
    """`work(tx)` runs in transactions without a company, until it returns 0."""


@dataclass(frozen=True, slots=True)
class Job:
    """Periodic work that one process at a time runs. It may be interrupted at any point."""

    name: str
    every: timedelta
    work: Callable[..., Awaitable[Any]]
    scope: Scope = Scope.COMPANY


def every_event(_payload: Mapping[str, Any]) -> bool:
    """The `only_if` of a subscription to all events of its topics."""
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


def no_declarations(_service: Any) -> tuple[()]:
    """An empty list of jobs or subscriptions."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain(Generic[S]):
    """The declaration of one domain, from which the platform is assembled; `name` is its folder's.

    `build` gets the ports and lower services that the domain needs. `money_tables` are its tables with amounts in
    the company's currency, `privileges` those of requests on the tables whose rows they may not change freely.
    `permissions` are the resources that guard its fields. `export_person`, `erase_person` and
    `merge_person` get the service first; a domain with tables that identify people declares all three.
    """

    name: str
    build: Callable[[Dependencies], S]
    queue: EventQueue
    invariants: Sequence[AnyInvariant] = ()
    jobs: Callable[[S], Sequence[Job]] = no_declarations
    subscriptions: Callable[[S], Sequence[Subscription]] = no_declarations
    events: Sequence[type[Event]] = ()
    permissions: Sequence[PermissionResource] = ()
    money_tables: Sequence[str] = ()
    privileges: Mapping[str, Privileges] = field(default_factory=dict)
    export_person: Export | None = None
    erase_person: Erase | None = None
    merge_person: Merge | None = None


def events_in(module: ModuleType) -> tuple[type[Event], ...]:
    """The event classes of a module: those that define a topic."""
    event_classes = (
        member for member in vars(module).values() if isinstance(member, type) and issubclass(member, Event)
    )
    return tuple(cls for cls in event_classes if cls.__module__ == module.__name__ and "topic" in vars(cls))
