"""Root fields declared in one line: permission, conversion of errors, transaction with retry, resolver."""

import inspect
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar, cast, get_args, overload

import strawberry
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField

from domains.kernel.database import Tx
from domains.kernel.errors import DomainError, NotFound, PermissionDenied, Unauthenticated
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.idempotency.execution import Idempotency
from domains.kernel.validation import errors_of
from gateway.answers.dependencies import Cached
from gateway.graphql.core import local_times
from gateway.graphql.core.context import Context
from gateway.graphql.core.guards import AUTHENTICATED, OWNER, PUBLIC, Guard, requires
from gateway.graphql.core.idempotency import (
    PayloadAdapter,
    admit_key,
    refused_payload,
    request_of,
    require_repeatable,
)
from gateway.graphql.core.relations import computed, deferred, guarded, relation
from gateway.live.channels import Channel, Room
from gateway.live.presence_store import PresenceChannel, PresenceRoom, Present
from gateway.live.stream import LiveEvent

__all__ = [
    "AUTHENTICATED",
    "OWNER",
    "PUBLIC",
    "Guard",
    "IsViewing",
    "command",
    "computed",
    "deferred",
    "from_input",
    "guarded",
    "input_values",
    "present",
    "present_all",
    "query",
    "relation",
    "requires",
    "sensitive",
    "subscription",
    "workflow",
]

T = TypeVar("T")
Resolver = Callable[..., Awaitable[Any]]
Declare = Callable[[Resolver], Any]
IsViewing: TypeAlias = Annotated[
    bool,
    strawberry.argument(description="Whether you are present yourself while you are subscribed; false only watches."),
]


def query(
    guard: Guard, *, cached: Cached | None = None, name: str | None = None, deprecation_reason: str | None = None
) -> Declare:
    """A field of Query: `async def field(self, info, ...)`. Its docstring is its description.

    With `cached` the value is the same for every guest, and answers of guests that have only such fields are cached.

    A NotFound becomes null where the resolver may return None; other domain errors become top-level errors, and the
    field null.
    """

    def declare(resolver: Resolver) -> Any:
        may_be_missing = _is_optional(_returned(resolver))
        parameters = inspect.signature(resolver).parameters

        @wraps(resolver)
        async def resolve(self: Any, info: strawberry.Info[Context, None], **arguments: Any) -> Any:
            guard.check(info.context.actor)
            await local_times.resolve(info.context, arguments)
            try:
                return await resolver(self, info, **arguments)
            except NotFound:
                if may_be_missing:
                    return None
                raise
            except DomainError as error:
                _place_in_filter(error, parameters)
                raise

        return _field(resolve, resolver, guard, name, deprecation_reason, cached=cached)

    return declare


def _place_in_filter(error: DomainError, parameters: Container[str]) -> None:
    """Prefix the fields of errors with `filter` unless they are arguments themselves."""
    for each in errors_of(error):
        if each.field and each.field[0] not in parameters and "filter" in parameters:
            each.field = ("filter", *each.field)


class Throttle(Protocol):
    """Limits the refused mutations of a network address, outside of any transaction."""

    async def run(self, context: Context, write: Callable[[], Awaitable[Any]]) -> Any:
        """The payload of a write, which stays counted when it is a refusal that counts. Raises RateLimited before it.

        A write that has no payload, because it failed or was cancelled, does not stay counted.
        """
        ...


def command(
    guard: Guard, *, idempotent: bool = False, name: str | None = None, deprecation_reason: str | None = None
) -> Declare:
    """A field of Mutation that is one transaction: `async def field(self, info, tx, input) -> Payload`.

    The transaction is injected as `tx` (not an argument of the API) and runs again after a serialization failure. A
    domain error rolls it back (unless it `commits`) and becomes the payload's `errors`. Loaders are cleared first.

    An idempotent command runs once for each `input.idempotency_key`: the transaction inserts
    the row of the key first and stores the outcome in it, including refusals. Its payload is `Repeatable`.
    """

    def declare(resolver: Resolver) -> Any:
        if idempotent:
            require_repeatable(resolver)

        @wraps(resolver)
        async def resolve(self: Any, info: strawberry.Info[Context, None], **arguments: Any) -> Any:
            context = info.context
            guard.check(context.actor)
            await local_times.resolve(context, arguments)

            async def work(tx: Tx) -> Any:
                return await resolver(self, info, tx, **arguments)

            async def write() -> Any:
                request = request_of(context, resolver.__name__, arguments) if idempotent else None
                if request is None:
                    return await context.db.run(work, context.actor)
                await admit_key(context)
                payloads = PayloadAdapter(info, arguments["input"])
                return await Idempotency(context.db).command(context.actor, request, work, payloads)

            return await _as_payload(info, write)

        return _field(resolve, resolver, guard, name, deprecation_reason, injected="tx")

    return declare


def workflow(
    guard: Guard,
    *,
    idempotent: bool = False,
    throttle: Throttle | None = None,
    check: Callable[[Any], None] | None = None,
    name: str | None = None,
    deprecation_reason: str | None = None,
) -> Declare:
    """A field of Mutation that opens its own transactions (`info.context.db.run`) around calls to other systems.

    An idempotent workflow, `async def field(self, info, attempt, input) -> Payload`, runs once for each
    `input.idempotency_key`; its payload is `Repeatable`. `attempt` (no argument of the API) runs its transactions.
    Its id stays the same when an interrupted workflow runs again: as the id of the row that the first transaction
    writes, it lets the second run continue where the first one stopped. Before that transaction, which inserts the
    key, a workflow has no side effects (a drawn number may stay unused). What `check` refuses is stored nowhere.
    """

    def declare(resolver: Resolver) -> Any:
        if idempotent:
            require_repeatable(resolver)

        @wraps(resolver)
        async def resolve(self: Any, info: strawberry.Info[Context, None], **arguments: Any) -> Any:
            context = info.context
            guard.check(context.actor)
            await local_times.resolve(context, arguments)

            def run(attempt: Attempt) -> Awaitable[Any]:
                return resolver(self, info, attempt, **arguments)

            async def write() -> Any:
                if check is not None:
                    check(arguments["input"])
                if not idempotent:
                    return await resolver(self, info, **arguments)
                request = request_of(context, resolver.__name__, arguments)
                if request is None:
                    return await run(Attempt(context.db))
                await admit_key(context)
                payloads = PayloadAdapter(info, arguments["input"])
                return await Idempotency(context.db).workflow(context.actor, request, run, payloads)

            if throttle is None:
                return await _as_payload(info, write)
            return await _as_payload(info, lambda: throttle.run(context, lambda: _as_payload(info, write)))

        return _field(resolve, resolver, guard, name, deprecation_reason, injected="attempt" if idempotent else None)

    return declare


@dataclass(slots=True)
class Subscribing:
    """The source of a root field while an actor subscribes, before any event: the field sets the room.

    With `is_viewing` the actor is present in it, while subscribed.
    """

    room: Room | PresenceRoom | None = None
    is_viewing: bool = False


def subscription(
    guard: Guard,
    *,
    channel: Channel | PresenceChannel,
    room: Callable[..., Awaitable[object]] | None = None,
    is_shared: bool = False,
    name: str | None = None,
    deprecation_reason: str | None = None,
) -> Declare:
    """A field of Subscription: `async def field(self, info, event, ...) -> Payload | None`.

    `event` (no argument of the API) is one of the channel's; None is returned when it is not for this subscriber, who
    then gets nothing. `room(info, ...)`, with the field's arguments, returns the key of the events to receive, and
    raises for an actor who may not see them; by default they are all of the company. The guard is checked before the
    room and before each event. With `is_shared` the value is the same for every guest.

    With a PresenceChannel the event is a `Present`, the first one at once, and the field has an argument
    `is_viewing: IsViewing`, which `room` does not get: whether the subscriber is present in the room.

    A NotFound, Unauthenticated or PermissionDenied ends the subscription; any other error is that of one event.
    """

    def declare(resolver: Resolver) -> Any:
        parameters = inspect.signature(resolver).parameters

        @wraps(resolver)
        async def resolve(
            self: Subscribing | LiveEvent | Present, info: strawberry.Info[Context, None], **arguments: Any
        ) -> Any:
            actor = info.context.actor
            guard.check(actor)
            await local_times.resolve(info.context, arguments)
            try:
                if not isinstance(self, Subscribing):
                    return await resolver(self, info, self, **arguments)
                self.is_viewing = arguments.pop("is_viewing", False)
                key = None if room is None else await room(info, **arguments)
            except DomainError as error:
                _place_in_filter(error, parameters)
                raise
            self.room = channel.room(actor.company_id, key)
            return None

        declared = _field(resolve, resolver, guard, name, deprecation_reason, injected="event")
        declared.metadata = MappingProxyType({**declared.metadata, "channel": channel, "is_shared": is_shared})
        return declared

    return declare


def sensitive(declared: Any) -> Any:
    """Mark a mutation that checks a credential or sends mail, which rate limits count separately."""
    declared.metadata = MappingProxyType({**declared.metadata, "is_sensitive": True})
    return declared


def _returned(resolver: Resolver) -> Any:
    """The declared return type of a resolver."""
    return resolver.__annotations__["return"]


def _is_optional(annotation: Any) -> bool:
    return type(None) in get_args(annotation)


async def _as_payload(info: strawberry.Info[Context, None], write: Callable[[], Awaitable[Any]]) -> Any:
    """The result of the write, or its refusal as the payload's errors; a missing permission fails the whole field.

    Loaders of earlier mutations of the request are cleared first.
    """
    info.context.loaders.clear()
    try:
        return await write()
    except (Unauthenticated, PermissionDenied):
        raise
    except DomainError as error:
        return refused_payload(info, error)


def _field(
    resolve: Resolver,
    resolver: Resolver,
    guard: Guard,
    name: str | None,
    deprecation_reason: str | None,
    *,
    injected: str | None = None,
    cached: Cached | None = None,
) -> StrawberryField:
    """The Strawberry field of a root resolver, with its guard in the SDL, without the injected parameter.

    It is always nullable: a field that is refused or fails must not set the others to null.
    """
    signature, return_type = inspect.signature(resolver), _returned(resolver) | None
    parameters = [parameter for parameter in signature.parameters.values() if parameter.name != injected]
    resolve.__signature__ = signature.replace(  # type: ignore[attr-defined] # read by inspect
        parameters=parameters, return_annotation=return_type
    )
    annotations = {key: value for key, value in resolver.__annotations__.items() if key != injected}
    resolve.__annotations__ = annotations | {"return": return_type}
    declared: StrawberryField = strawberry.field(
        resolver=resolve,
        name=name,
        description=inspect.getdoc(resolver),
        deprecation_reason=deprecation_reason,
        directives=guard.directives(),
    )
    declared.metadata = MappingProxyType({"guard": guard, "cached": cached})
    return declared


@overload
def present(_shown_as: type[T], model: None) -> None: ...
@overload
def present(_shown_as: type[T], model: object) -> T: ...
def present(_shown_as: type[T], model: object | None) -> T | None:
    """Type a domain model as the GraphQL type with the same attributes; it is not copied."""
    return cast("T | None", model)


def present_all(_shown_as: type[T], models: list[Any]) -> list[T]:
    """Type domain models as the GraphQL type with the same attributes; they are not copied."""
    return cast("list[T]", models)


def from_input(kind: type[T], input: object, *, exclude: tuple[str, ...] = ()) -> T:
    """The set fields of an input as a value of the domain's type `kind`, which has the same fields."""
    return kind(**input_values(input, exclude=exclude))


def input_values(input: object, *, exclude: tuple[str, ...] = ()) -> dict[str, Any]:
    """The set fields of an input, including nulls, without those named in `exclude`."""
    fields = get_object_definition(input, strict=True).fields
    values = {field.python_name: getattr(input, field.python_name) for field in fields}
    return {name: value for name, value in values.items() if value is not strawberry.UNSET and name not in exclude}
