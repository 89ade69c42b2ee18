"""GraphQL over server-sent events: the stream of results, its ends, limits, and slow clients."""

import asyncio
import socket
from dataclasses import replace
from typing import Any

import orjson
import pytest

from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.live import hub
from tests.gateway.conftest import TOKENS
from tests.gateway.http.live.event_peers import COMPLETE, streamed, watched
from tests.gateway.http.live.peers import MUTATION, QUERY, SETTINGS, head, held_mutations, live_shop
from tests.gateway.http.live.test_slow_clients import LARGE, SMALL
from tests.gateway.live.toys import CHANGED, ONE
from tests.gateway.servers import code
from tests.gateway.toy_shop import GATE, SECRET

STAFF = {"authorization": "Bearer staff"}


async def test_a_stream_begins_with_the_id_of_the_newest_event(schema: Schema) -> None:
    async with live_shop(schema) as shop, streamed(shop, CHANGED, variables={"id": str(ONE)}) as peer:
        assert peer.status == 200
        assert await peer.begin() == shop.toys.hub.position()
        assert {
            name: peer.headers[name]
            for name in ("content-type", "cache-control", "connection", "x-accel-buffering", "x-content-type-options")
        } == {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-store",
            "connection": "close",
            "x-accel-buffering": "no",
            "x-content-type-options": "nosniff",
        }


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_query_has_one_result_and_is_complete(schema: Schema, method: str) -> None:
    async with live_shop(schema) as shop, streamed(shop, QUERY, method=method) as peer:
        await peer.begin()
        assert (await peer.result())["data"] == {"__typename": "Query"}
        assert await peer.event() == COMPLETE
        assert await peer.event() is None
        assert await peer.gone()


async def test_a_mutation_has_one_result_and_is_complete(schema: Schema) -> None:
    async with live_shop(schema) as shop, streamed(shop, MUTATION) as peer:
        await peer.begin()
        assert (await peer.result())["data"] == {"thingSend": {"errors": [{"code": "INVALID"}]}}
        assert await peer.event() == COMPLETE
        assert shop.toys.db.log == ["commit"]


async def test_a_get_never_writes(schema: Schema) -> None:
    async with live_shop(schema) as shop, streamed(shop, MUTATION, method="GET") as peer:
        await peer.begin()
        assert [each["extensions"]["code"] for each in (await peer.result())["errors"]] == ["METHOD_NOT_ALLOWED"]
        assert await peer.event() == COMPLETE
        assert shop.toys.db.log == []


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_subscription_has_a_result_with_its_id_for_each_event(schema: Schema, method: str) -> None:
    async with live_shop(schema) as shop, watched(shop, method=method) as peer:
        for number in range(2):
            await shop.toys.change(ONE)
            event = await peer.event()
            assert event is not None
            result = orjson.loads(event.pop("data"))
            assert event == {"event": "next", "id": shop.toys.hub.position()}
            assert result["data"]["thingChanged"]["number"] == number
            assert result["extensions"]["eventId"] == event["id"]


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ unknown }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": QUERY, "operationName": "Other"}, "BAD_REQUEST"),
        ({"query": "query ($n: Int!) { echo(number: $n) }"}, "BAD_USER_INPUT"),
        ({"query": CHANGED, "variables": {"id": str(SECRET)}}, "NOT_FOUND"),
        ({"query": "subscription { anyThing { number } }"}, "UNAUTHENTICATED"),
    ],
)
async def test_what_is_refused_before_it_runs_is_a_result_with_errors(
    schema: Schema, request_: dict[str, Any], error: str
) -> None:
    async with live_shop(schema) as shop, streamed(shop, **request_) as peer:
        assert peer.status == 200
        await peer.begin()
        result = await peer.result()
        assert [each["extensions"]["code"] for each in result["errors"]] == [error]
        assert "data" not in result
        assert await peer.event() == COMPLETE
        assert await peer.event() is None


@pytest.mark.parametrize(
    ("request_", "headers", "status", "error"),
    [
        ({"query": 5}, {}, 400, "BAD_REQUEST"),
        ({"query": QUERY, "variables": []}, {}, 400, "BAD_REQUEST"),
        ({"query": QUERY, "extensions": {"lastEventId": 5}}, {}, 400, "BAD_REQUEST"),
        ({"query": QUERY}, {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"query": QUERY}, {"authorization": "Bearer none"}, 401, "UNAUTHENTICATED"),
        ({"query": QUERY}, {"authorization": "none"}, 401, "UNAUTHENTICATED"),
        ({"query": QUERY}, {"x-company": "other"}, 404, "COMPANY_NOT_FOUND"),
        ({"query": f"{QUERY} #{'x' * 300_000}"}, {}, 400, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_request_that_cannot_be_read_is_refused_by_its_status(
    schema: Schema, request_: dict[str, Any], headers: dict[str, str], status: int, error: str
) -> None:
    async with live_shop(schema) as shop, streamed(shop, headers=headers, **request_) as peer:
        assert (peer.status, peer.headers["content-type"]) == (status, "application/json; charset=utf-8")
        assert orjson.loads(await peer.whole())["errors"][0]["extensions"]["code"] == error
        await shop.until(lambda: not shop.served.server.server_state.tasks)


@pytest.mark.parametrize(
    ("accept", "is_stream"),
    [
        ("text/event-stream", True),
        ("text/event-stream, multipart/mixed", True),
        ("text/event-stream, */*;q=0.1", True),
        ("application/json, text/event-stream", False),
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", False),
        ("*/*", False),
        ("text/event-stream;q=0, application/json", False),
    ],
)
async def test_a_client_gets_a_stream_when_it_prefers_one(schema: Schema, accept: str, is_stream: bool) -> None:
    async with live_shop(schema) as shop, streamed(shop, QUERY, {"accept": accept}) as peer:
        assert peer.headers["content-type"].startswith("text/event-stream") is is_stream


async def test_a_subscription_needs_a_stream(schema: Schema) -> None:
    async with live_shop(schema) as shop, streamed(shop, CHANGED, {"accept": "application/json"}) as peer:
        assert peer.status == 406


async def test_a_user_subscribes_with_a_bearer_token(schema: Schema) -> None:
    async with live_shop(schema) as shop, streamed(shop, "{ me }", STAFF) as peer:
        await peer.begin()
        assert (await peer.result())["data"] == {"me": "00000000-0000-0000-0000-000000000007"}


@pytest.mark.parametrize("place", ["header", "extensions"])
async def test_a_stream_resumes_after_the_last_event_of_its_client(schema: Schema, place: str) -> None:
    """Until what was missed arrives, the stream has no id: a client that is interrupted again keeps its own."""
    async with live_shop(schema) as shop:
        await shop.toys.change(ONE)
        last = shop.toys.hub.position()
        await shop.toys.change(ONE)
        headers = {"last-event-id": last} if place == "header" else {"last-event-id": "nonsense"}
        extensions = {"lastEventId": last} if place == "extensions" else None
        async with streamed(shop, CHANGED, headers, variables={"id": str(ONE)}, extensions=extensions) as peer:
            event = await peer.event()
            assert event is not None
            assert (peer.comments, event["event"], event["id"]) == (1, "next", shop.toys.hub.position())


async def test_an_idle_stream_has_comments(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, ping_interval=0.05)) as shop, watched(shop) as peer:
        waiting = asyncio.create_task(peer.event())
        await shop.until(lambda: peer.comments >= 3)
        await shop.toys.change(ONE)
        assert (await waiting) is not None


async def test_a_client_that_leaves_ends_its_subscription(schema: Schema) -> None:
    async with live_shop(schema) as shop, watched(shop) as peer:
        peer.writer.close()
        assert await shop.emptied()


async def test_a_query_is_cancelled_when_its_client_leaves(schema: Schema) -> None:
    GATE.clear()
    async with live_shop(schema) as shop, streamed(shop, "{ slow }") as peer:
        await shop.until(lambda: bool(GATE._waiters))
        peer.writer.close()
        assert await shop.emptied()
        assert not GATE._waiters


async def test_a_mutation_runs_to_its_end_when_its_client_leaves(schema: Schema) -> None:
    async with live_shop(schema) as shop, streamed(shop, MUTATION) as peer:
        waiting = held_mutations(shop)
        await shop.until(lambda: shop.toys.db.log == ["begin"])
        peer.writer.close()
        await shop.until(lambda: not shop.served.server.server_state.connections)
        waiting.set()
        assert await shop.emptied()
        assert shop.toys.db.log == ["begin", "commit"]


async def test_the_end_of_the_session_is_an_error_that_completes_the_stream(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live_shop(schema) as shop, watched(shop, headers=STAFF) as peer:
        monkeypatch.delitem(TOKENS, "staff")
        await shop.toys.change(ONE)
        assert [each["extensions"]["code"] for each in (await peer.result())["errors"]] == ["UNAUTHENTICATED"]
        assert await peer.event() == COMPLETE
        assert await peer.event() is None
        assert await shop.emptied()


async def test_an_expired_token_ends_the_stream_so_that_the_client_connects_again(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live_shop(schema) as shop:
        monkeypatch.setattr(shop.toys.api._authentication, "seconds_left", lambda _token: 0.1)
        async with watched(shop, headers=STAFF) as peer:
            assert await peer.event() is None
            assert await shop.emptied()


async def test_a_subscriber_that_is_too_slow_is_disconnected_and_may_come_back(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stalled(_events: hub.Subscription) -> None:
        raise hub.SubscriberTooSlow

    async with live_shop(schema) as shop:
        monkeypatch.setattr(hub.Subscription, "__anext__", stalled)
        async with streamed(shop, CHANGED, variables={"id": str(ONE)}) as peer:
            await peer.begin()
            assert await peer.event() is None


async def test_a_client_that_reads_nothing_while_events_flow_is_dropped(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, write_timeout=0.2)) as shop:
        for listening in shop.served.server.servers[0].sockets:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        async with streamed(shop, LARGE, variables={"id": str(ONE)}, window=4_096):
            await shop.until(lambda: shop.subscriptions == 1)
            for _ in range(30):
                await shop.toys.change(ONE)
            assert await shop.emptied()
    assert shop.served.limits == ["WRITE_TIMEOUT"]


async def test_an_operation_that_takes_too_long_is_a_result_with_an_error(schema: Schema) -> None:
    GATE.clear()
    async with live_shop(schema, limits=GraphQLLimits(seconds=0.05)) as shop, streamed(shop, "{ slow }") as peer:
        await peer.begin()
        assert [each["extensions"]["code"] for each in (await peer.result())["errors"]] == ["TIMEOUT"]


async def test_a_stream_whose_session_does_not_open_in_time_is_refused(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live_shop(schema, replace(SETTINGS, execution_timeout=0.05)) as shop:
        monkeypatch.setattr(shop.toys.api, "open_session", lambda *_: asyncio.sleep(60))
        async with streamed(shop, QUERY) as peer:
            (error,) = orjson.loads(await peer.whole())["errors"]
    told = (peer.status, error["extensions"]["code"], error["message"])
    assert told == (503, "TIMEOUT", "The operation took longer than 0.05 seconds and was cancelled.")


async def test_a_fault_shows_nothing_of_the_inside(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_given: Any) -> None:
        raise ValueError("the secret inside")

    async with live_shop(schema) as shop:
        monkeypatch.setattr(shop.toys.api, "start", fail)
        async with streamed(shop, QUERY) as peer:
            await peer.begin()
            result = await peer.result()
            assert [each["extensions"]["code"] for each in result["errors"]] == ["INTERNAL_ERROR"]
            assert "secret" not in str(result)
            assert await peer.event() == COMPLETE


async def test_streams_do_not_count_as_connections_of_http(schema: Schema) -> None:
    settings = replace(SETTINGS, max_connections=1, max_connections_per_address=1)
    async with live_shop(schema, settings) as shop, watched(shop), watched(shop) as peer:
        request = b"GET /graphql?query={__typename} HTTP/1.1\r\nconnection: close\r\n\r\n"
        assert (await shop.raw(request)).split()[1] == b"200"
        await shop.toys.change(ONE)
        assert (await peer.result())["data"]["thingChanged"]


@pytest.mark.parametrize(
    ("limit", "status", "error"),
    [
        ("max_live_connections", 503, "UNAVAILABLE"),
        ("max_live_connections_per_address", 429, "RATE_LIMITED"),
        ("max_live_connections_per_account", 429, "RATE_LIMITED"),
    ],
)
async def test_streams_are_limited_together_with_websockets(
    schema: Schema, limit: str, status: int, error: str
) -> None:
    one: dict[str, Any] = {limit: 1}
    settings = replace(SETTINGS, **one)
    async with live_shop(schema, settings) as shop:
        async with shop.acknowledged(STAFF), streamed(shop, QUERY, STAFF) as peer:
            assert (peer.status, peer.headers["retry-after"]) == (status, "5")
            assert orjson.loads(await peer.whole())["errors"][0]["extensions"]["code"] == error
        await shop.until(lambda: not shop.served.server.server_state.tasks)
        async with watched(shop, headers=STAFF):
            if limit != "max_live_connections_per_account":
                assert code(await shop.raw(head())) == (status, error)
