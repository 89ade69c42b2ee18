"""The rules of GraphQL over SSE in its distinct connections mode: one HTTP request and one stream an operation.

The numbers are those of this list; the sections are those of `PROTOCOL.md` in the npm package graphql-sse.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from tests.clients.protocols.rules import Rules
from tests.gateway.http.live.peers import LiveShop
from tests.gateway.live.toys import ANY, CHANGED, ONE
from tests.gateway.toy_shop import THING_CHANNEL

RULES: Final = Rules()
must, should = RULES.must, RULES.should
EVENT_STREAM: Final = "text/event-stream"
FIELDS: Final = frozenset({"event", "data", "id", "retry", ""})  # the last one is a comment
QUERY: Final = "{ __typename }"
MUTATION: Final = "mutation { thingSend { errors { code } } }"


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a stream, as a browser reads it."""

    name: str
    data: str
    id: str | None

    @property
    def result(self) -> Any:
        """The execution result in its data."""
        return orjson.loads(self.data)


@dataclass(frozen=True, slots=True)
class Stream:
    """A response, and its events."""

    response: httpx.Response
    events: AsyncIterator[Event]

    async def next(self) -> Event:
        """The event that comes next. Raises StopAsyncIteration at the end of the stream."""
        async with asyncio.timeout(10):
            return await anext(self.events)

    async def rest(self) -> list[Event]:
        """All events until the stream ends."""
        async with asyncio.timeout(10):
            return [event async for event in self.events]


async def read(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """The events in the lines of a stream; those without data are left out, as the standard says."""
    given: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(":")
        assert name in FIELDS, line
        if line:
            given[name] = f"{given[name]}\n{value.removeprefix(' ')}" if name in given else value.removeprefix(" ")
            continue
        if "data" in given:
            yield Event(given.get("event", "message"), given["data"], given.get("id"))
        given = {}


@asynccontextmanager
async def streaming(
    shop: LiveShop, query: str, method: str = "POST", accept: str = EVENT_STREAM, **parameters: Any
) -> AsyncIterator[Stream]:
    """The stream of an operation; the client closes it after the block."""
    url, given = f"http://127.0.0.1:{shop.served.port}/graphql", {"query": query, **parameters}
    texts = {name: each if isinstance(each, str) else orjson.dumps(each).decode() for name, each in given.items()}
    sent: dict[str, Any] = {"json": given} if method == "POST" else {"params": texts}
    async with httpx.AsyncClient() as http, http.stream(method, url, headers={"accept": accept}, **sent) as response:
        yield Stream(response, read(response.aiter_lines()))


async def finished(shop: LiveShop, query: str, method: str = "POST", **parameters: Any) -> list[Event]:
    """The events of an operation that ends by itself, of which the last one says so."""
    async with streaming(shop, query, method, **parameters) as stream:
        assert (stream.response.status_code, stream.response.headers["content-type"].partition(";")[0]) == (
            200,
            EVENT_STREAM,
        )
        events = await stream.rest()
    assert [each.name for each in events] == ["next"] * (len(events) - 1) + ["complete"]
    return events


def is_watched(shop: LiveShop) -> bool:
    """Whether a client is subscribed to the changes of a thing."""
    return any(room.channel == THING_CHANNEL.name for room in shop.toys.hub._rooms)


async def refused(shop: LiveShop, query: str, **parameters: Any) -> None:
    """An operation whose only result has errors and no data."""
    events = await finished(shop, query, **parameters)
    assert [set(each.result) & {"data", "errors"} for each in events[:-1]] == [{"errors"}]


@must("Distinct connections mode")
async def the_content_type_is_that_of_an_event_stream(shop: LiveShop) -> None:
    """A response to a client that accepts an event stream is one."""
    async with streaming(shop, QUERY) as stream:
        assert stream.response.headers["content-type"].partition(";")[0] == EVENT_STREAM


@must("Distinct connections mode")
async def a_syntax_error_is_an_event(shop: LiveShop) -> None:
    """What is wrong before the execution comes as a `next` event of an accepted stream."""
    await refused(shop, "{")


@must("Distinct connections mode")
async def a_validation_error_is_an_event(shop: LiveShop) -> None:
    """So does a document that does not match the schema, also of a subscription."""
    await refused(shop, "{ nothing }")
    await refused(shop, "subscription { nothing }")


@must("Distinct connections mode")
async def an_error_of_variables_is_an_event(shop: LiveShop) -> None:
    """So do variables of the wrong type."""
    await refused(shop, "query ($number: Int!) { echo(number: $number) }", variables={"number": "many"})


@must("Distinct connections mode")
async def a_refused_subscription_is_an_event(shop: LiveShop) -> None:
    """So does a subscription that the client may not have."""
    await refused(shop, ANY)


@must("Distinct connections mode")
async def requests_are_those_of_graphql_over_http(shop: LiveShop) -> None:
    """The parameters of a request have the same names and meanings."""
    query = "query A { __typename } query B ($text: String) { echo(text: $text) }"
    for method in ("GET", "POST"):
        events = await finished(shop, query, method, operationName="B", variables={"text": "Öl & Essig"})
        assert events[0].result["data"] == {"echo": "Öl & Essig"}


@must("Distinct connections mode")
async def a_mutation_by_get_is_not_executed(shop: LiveShop) -> None:
    """GET writes nothing, as in GraphQL over HTTP."""
    async with streaming(shop, MUTATION, "GET") as stream:
        await stream.response.aread()
    assert shop.toys.db.log == []


@must("Distinct connections mode")
async def closing_the_stream_ends_the_operation(shop: LiveShop) -> None:
    """A client ends a subscription by closing the connection."""
    async with streaming(shop, CHANGED, variables={"id": str(ONE)}):
        await shop.until(lambda: is_watched(shop))
    await shop.until(lambda: not is_watched(shop))


@must("next event")
async def a_query_has_one_result_and_completes(shop: LiveShop) -> None:
    """The result is a `next` event, and `complete` follows the last one."""
    next_, complete = await finished(shop, QUERY)
    assert next_.result["data"] == {"__typename": "Query"}
    assert complete.name == "complete"


@must("next event")
async def a_mutation_has_one_result_and_completes(shop: LiveShop) -> None:
    """Mutations are sent by POST."""
    (next_, _) = await finished(shop, MUTATION)
    assert next_.result["data"]["thingSend"] is not None


@must("next event")
async def an_error_during_the_execution_is_part_of_a_result(shop: LiveShop) -> None:
    """The result of an operation that has begun has its errors."""
    (next_, _) = await finished(shop, "{ fault ok: __typename }")
    assert next_.result["data"] == {"fault": None, "ok": "Query"}
    assert [each["path"] for each in next_.result["errors"]] == [["fault"]]


@must("next event")
async def a_subscription_has_a_result_for_each_event(shop: LiveShop) -> None:
    """Each event is a `next` event while the stream is open, by POST and by GET."""
    for method in ("GET", "POST"):
        async with streaming(shop, CHANGED, method, variables={"id": str(ONE)}) as stream:
            await shop.until(lambda: is_watched(shop))
            for _ in range(2):
                await shop.toys.change(ONE)
                event = await stream.next()
                assert (event.name, event.result["data"]["thingChanged"]["thing"]) == ("next", {"name": "Thing 1"})
        await shop.until(lambda: not is_watched(shop))


@should("next event")
async def an_event_has_the_id_to_resume_after(shop: LiveShop) -> None:
    """The `id` of an event is what `Last-Event-ID` of the standard sends back."""
    async with streaming(shop, CHANGED, variables={"id": str(ONE)}) as stream:
        await shop.until(lambda: is_watched(shop))
        await shop.toys.change(ONE)
        event = await stream.next()
    assert event.id == event.result["extensions"]["eventId"] == shop.toys.hub.position()


@must("complete event")
async def complete_is_the_last_event(shop: LiveShop) -> None:
    """It says that there are no more results; a browser sees it, so that it has data."""
    assert [each.name for each in await finished(shop, QUERY)] == ["next", "complete"]


@should("Event stream")
async def other_media_types_may_be_accepted_too(shop: LiveShop) -> None:
    """The server agrees with the header `Accept`: the type that it prefers is that of the response."""
    for accept, given in (
        (f"{EVENT_STREAM}, application/json", EVENT_STREAM),
        (
            f"application/graphql-response+json, application/json, {EVENT_STREAM};q=0.5",
            "application/graphql-response",
        ),
        ("application/json", "application/json"),
    ):
        async with streaming(shop, QUERY, accept=accept) as stream:
            assert stream.response.headers["content-type"].startswith(given)
