"""A small schema for tests of the gateway: two types, a relation, a list, and commands that fail in each way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

import strawberry

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.errors import DomainError, InvalidInput, NotFound, RateLimited, Unauthenticated
from domains.kernel.events import Event
from domains.kernel.pagination.pages import Page, PageArgs, cut, encode_cursor
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.kernel.validation import ValidationErrors
from domains.kernel.values.money import Money as KernelMoney
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import (
    AUTHENTICATED,
    OWNER,
    PUBLIC,
    command,
    computed,
    guarded,
    present,
    query,
    relation,
    requires,
    sensitive,
    subscription,
    workflow,
)
from gateway.graphql.core.pagination import After, Before, Connection, First, Last
from gateway.graphql.core.scalars import JSON, Money
from gateway.graphql.engine.loading import many_per_key, one_per_key
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent

T = TypeVar("T")
COMPANY = UUID(int=1)
READ_COST = requires(PermissionResource.PRODUCTS, PermissionAction.MANAGE)


class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


describe(
    Colour,
    "The colour of a thing.",
    {Colour.RED: "The red of a rose.", Colour.BLUE: "The blue of the sea."},
)


@dataclass(frozen=True, slots=True)
class MakerModel:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class ThingModel:
    id: UUID
    name: str
    amount: Decimal
    colour: Colour
    maker_id: UUID | None
    parts: int = 3


MAKERS = [MakerModel(UUID(int=100 + i), f"Maker {i}") for i in range(3)]
THINGS = [
    ThingModel(
        UUID(int=1000 + i), f"Thing {i}", Decimal("9.5000") + i, Colour.RED, MAKERS[i % 3].id if i % 5 else None
    )
    for i in range(40)
]


class TooMany(DomainError):
    code = "INSUFFICIENT_STOCK"

    def __init__(self, available: int) -> None:
        super().__init__(f"Only {available} are left.", field="quantity")
        self.available = available


class Counted(InvalidInput):
    code = "INVALID"
    commits = True


@dataclass
class RecordingDatabase:
    """Replaces the database and records the outcome of each transaction."""

    log: list[str] = field(default_factory=list)
    loads: list[tuple[str, int]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def reader(self, company_id: UUID) -> "RecordingDatabase":
        return self

    @asynccontextmanager
    async def transaction(self, actor: Actor) -> Any:
        yield self

    async def run(self, work: Callable[[Any], Awaitable[T]], actor: Actor) -> T:
        try:
            result = await work(self)
        except DomainError as error:
            self.log.append("commit" if error.commits else "rollback")
            raise
        except BaseException:
            self.log.append("rollback")
            raise
        self.log.append("commit")
        return result


async def load_makers(context: Context, keys: Sequence[UUID]) -> Sequence[MakerModel | None]:
    context.db.loads.append(("makers", len(keys)))  # type: ignore[attr-defined] # the recording stand-in
    return one_per_key(keys, MAKERS, lambda maker: maker.id)


async def load_things(context: Context, keys: Sequence[UUID]) -> Sequence[list[ThingModel]]:
    context.db.loads.append(("things", len(keys)))  # type: ignore[attr-defined] # the recording stand-in
    return many_per_key(keys, [thing for thing in THINGS if thing.maker_id], lambda thing: thing.maker_id or COMPANY)


async def load_thing_pages(context: Context, keys: Sequence[tuple[UUID, PageArgs]]) -> Sequence[Any]:
    context.db.loads.append(("pages", len(keys)))  # type: ignore[attr-defined] # the recording stand-in
    return [Connection.of(page([t for t in THINGS if t.maker_id == key], args)) for key, args in keys]


async def load_nothing(_context: Context, _keys: Sequence[UUID]) -> Sequence[Any]:
    raise ValueError("the loader's secret")


@strawberry.type(description="Who makes things.")
class Maker:
    id: UUID = strawberry.field(description="The key, a UUID.")
    name: str = strawberry.field(description="As the sign over the door says.")
    things: list["Thing"] = relation("id", load_things, many=True, description="The things that it makes.")
    lost: "Maker | None" = relation("id", load_nothing, description="What cannot be loaded.")
    thing_page: Connection["Thing"] = relation("id", load_thing_pages, page=True, description="The same, by pages.")


@strawberry.type(description="An article that a maker sells.")
class Thing:
    id: UUID = strawberry.field(description="The key, a UUID.")
    name: str = strawberry.field(description="As the label says.")
    colour: Colour = strawberry.field(description="The colour of its paint.")
    amount: strawberry.Private[Decimal]
    maker: Maker | None = relation("maker_id", load_makers, description="The person who makes it; null when unknown.")
    parts: int | None = guarded(READ_COST, "parts", description="How many parts it has; for staff.")

    @computed
    def price(self) -> Money:
        """The price of one piece."""
        return present(Money, KernelMoney(self.amount, "EUR"))


@shows(TooMany)
@strawberry.type(description="There is not as much as was asked for.")
class TooManyError(UserError):
    available: int = strawberry.field(description="How many there are.")


@strawberry.input(description="What to change about a thing.")
class ThingChangeInput:
    name: str = strawberry.field(description="The name to give it.")
    price: Decimal | None = strawberry.field(default=strawberry.UNSET, description="The price to set for one piece.")
    tags: list[str] | None = strawberry.field(default=strawberry.UNSET, description="Words to find it by.")


@strawberry.type(description="The outcome of a change.")
class ThingChangePayload:
    thing: Thing | None = strawberry.field(default=None, description="The thing, when it was changed.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was not.")


def page(things: Sequence[ThingModel], args: PageArgs) -> Page[ThingModel]:
    async def count() -> int:
        return len(things)

    return cut(list(things[: args.size + 1]), args, lambda thing: encode_cursor("id", [thing.id]), count)


@strawberry.type
class ToyQuery:
    @query(PUBLIC)
    async def thing(
        self, info: Info, id: Annotated[UUID, strawberry.argument(description="The key, a UUID.")]
    ) -> Thing | None:
        """One of the forty on the shelf."""
        found = [thing for thing in THINGS if thing.id == id]
        if not found:
            raise NotFound("There is no such thing.")
        return present(Thing, found[0])

    @query(PUBLIC)
    async def things(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Thing]:
        """The forty things on the shelf."""
        return Connection[Thing].of(page(THINGS, PageArgs(first, after, last, before)))

    @query(PUBLIC)
    async def echo(
        self,
        info: Info,
        text: Annotated[str | None, strawberry.argument(description="Letters of any script.")] = None,
        number: Annotated[int | None, strawberry.argument(description="At most 32 bits.")] = None,
        amount: Annotated[Decimal | None, strawberry.argument(description="An exact decimal number.")] = None,
        json: Annotated[JSON | None, strawberry.argument(description="Any JSON value, or none.")] = None,
    ) -> str | None:
        """What was given, as text."""
        given = next((value for value in (text, number, amount, json) if value is not None), None)
        return None if given is None else str(given)

    @query(AUTHENTICATED)
    async def me(self, info: Info) -> str:
        """The id of the user of the request."""
        return str(info.context.actor.user_id)

    @query(PUBLIC)
    async def fault(self, info: Info) -> str | None:
        """Raises an error that is not of a domain."""
        raise ValueError("the secret inside")

    @query(PUBLIC)
    async def refusal(self, info: Info) -> str | None:
        """Is refused by the domain."""
        raise InvalidInput("That will not do.", field=("refusal",))

    @query(PUBLIC)
    async def refusals(self, info: Info) -> str | None:
        """A query that is refused for two reasons."""
        raise ValidationErrors([InvalidInput(f"No {name}.", field=(name,)) for name in ("first", "last")])

    @query(PUBLIC)
    async def slow(self, info: Info) -> str:
        """Waits until the test lets it go."""
        await GATE.wait()
        return "done"


GATE = asyncio.Event()


@strawberry.type
class ToyMutation:
    @command(requires(PermissionResource.PRODUCTS, PermissionAction.UPDATE) | OWNER)
    async def thing_change(
        self,
        info: Info,
        tx: Any,
        input: Annotated[ThingChangeInput, strawberry.argument(description="The change to make.")],
    ) -> ThingChangePayload:
        """Change a thing; the name says how it goes."""
        if input.name == "too many":
            raise TooMany(available=2)
        if input.name == "counted":
            raise Counted("That counts.")
        if input.name == "later":
            raise RateLimited("Not so fast.", retry_after=7)
        if input.name == "fault":
            raise ValueError("the secret inside")
        if input.name == "denied":
            raise Unauthenticated("Not you.")
        return ThingChangePayload(thing=present(Thing, THINGS[1]))

    @sensitive
    @workflow(PUBLIC)
    async def thing_send(self, info: Info) -> ThingChangePayload:
        """Put it into the mail."""
        await info.context.db.run(_nothing, info.context.actor)
        raise InvalidInput("It came back.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingChanged(Event):
    """A thing changed; `how` says how the subscription's resolver behaves."""

    topic: ClassVar[str] = "thing.changed"
    thing_id: UUID
    how: str

    @property
    def aggregate_id(self) -> UUID:
        return self.thing_id


THING_CHANNEL = Channel("thing", {ThingChanged: itemgetter("thing_id")})
SECRET = UUID(int=1039)  # the thing that staff alone may watch


@strawberry.type(description="A change of a thing.")
class ThingChangedPayload:
    thing: Thing = strawberry.field(description="The thing as it is now.")
    number: int = strawberry.field(description="How often the resolver was called for a change before this one.")


async def visible_thing(info: Info, id: UUID) -> UUID:
    if id == SECRET and not READ_COST.admits(info.context.actor):
        raise NotFound("There is no such thing.")
    return id


async def _changed(info: Info, event: LiveEvent, id: UUID) -> ThingChangedPayload | None:
    calls: list[str] = info.context.db.calls  # type: ignore[attr-defined] # the recording stand-in
    calls.append(event.id)
    await asyncio.sleep(0)
    match event.payload["how"]:
        case "ignored":
            return None
        case "fault":
            raise ValueError("the secret inside")
        case "refused":
            raise InvalidInput("That will not do.")
        case "slow":
            await asyncio.sleep(60)
        case "held":
            await GATE.wait()
        case "gone":
            raise NotFound("There is no such thing.")
    await visible_thing(info, id)
    return ThingChangedPayload(thing=present(Thing, THINGS[id.int - 1000]), number=len(calls) - 1)


Id = Annotated[UUID, strawberry.argument(description="The key, a UUID.")]


@strawberry.type
class ToySubscription:
    @subscription(PUBLIC, channel=THING_CHANNEL, room=visible_thing)
    async def thing_changed(self, info: Info, event: LiveEvent, id: Id) -> ThingChangedPayload | None:
        """The changes of one of the forty."""
        return await _changed(info, event, id)

    @subscription(PUBLIC, channel=THING_CHANNEL, room=visible_thing, is_shared=True)
    async def thing_seen(self, info: Info, event: LiveEvent, id: Id) -> ThingChangedPayload | None:
        """The same for every guest."""
        return await _changed(info, event, id)

    @subscription(READ_COST, channel=THING_CHANNEL)
    async def any_thing(self, info: Info, event: LiveEvent) -> ThingChangedPayload | None:
        """The changes of all of them, for staff."""
        return await _changed(info, event, UUID(event.payload["thing_id"]))


async def _nothing(tx: Any) -> None:
    return None


def user(*grants: tuple[PermissionResource, PermissionAction]) -> Actor:
    """A logged-in user with these permissions."""
    return Actor(ActorKind.USER, COMPANY, user_id=UUID(int=7), grants=frozenset(Grant(*grant) for grant in grants))
