"""Operations over a WebSocket: their results, errors and ends, ids, limits, and what goes on without its client."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.http.live.operations import Operations
from gateway.live import hub
from gateway.operations.document_ids import digest_of
from tests.gateway.http.live.peers import COMPLETE, MUTATION, QUERY, codes, held_mutations, live_shop, subscribe
from tests.gateway.live.toys import CHANGED, ONE, TWO
from tests.gateway.toy_shop import GATE, SECRET

SLOW = "{ slow }"


async def test_a_query_has_one_result_and_is_complete(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        result = await peer.ask(QUERY)
        assert result == {
            "id": "1",
            "type": "next",
            "payload": {"data": {"__typename": "Query"}, "extensions": {"cost": {"requested": 0, "maximum": 10_000}}},
        }
        assert await peer.receive() == COMPLETE


async def test_a_mutation_has_one_result_and_is_complete(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        result = await peer.ask(MUTATION)
        assert result["payload"]["data"] == {"thingSend": {"errors": [{"code": "INVALID"}]}}
        assert await peer.receive() == COMPLETE
        assert shop.toys.db.log == ["commit"]


async def test_a_subscription_has_a_result_for_each_event(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        await shop.toys.change(ONE, TWO)
        await shop.toys.change(ONE)
        results = [await peer.receive() for _ in range(2)]
    assert [(each["id"], each["type"]) for each in results] == [("1", "next")] * 2
    assert [each["payload"]["data"]["thingChanged"]["number"] for each in results] == [0, 1]
    assert results[1]["payload"]["extensions"]["eventId"] == shop.toys.hub.position()


async def test_operation_name_and_variables_select_what_is_executed(schema: Schema) -> None:
    query = "query A { me } query B($text: String) { echo(text: $text) }"
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        result = await peer.ask(query, operationName="B", variables={"text": "hello"}, extensions=None)
    assert result["payload"]["data"] == {"echo": "hello"}


async def test_operations_of_a_connection_run_at_the_same_time(schema: Schema) -> None:
    GATE.clear()
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.send(subscribe(SLOW, "slow"), subscribe(QUERY, "fast"))
        assert [(await peer.receive())["id"] for _ in range(2)] == ["fast", "fast"]
        GATE.set()
        assert (await peer.receive())["payload"]["data"] == {"slow": "done"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ unknown }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { me } query B { me }"}, "BAD_REQUEST"),
        ({"query": QUERY, "operationName": "Other"}, "BAD_REQUEST"),
        ({"query": "query ($n: Int!) { echo(number: $n) }"}, "BAD_USER_INPUT"),
        ({"query": ""}, "BAD_REQUEST"),
        ({"query": " "}, "BAD_REQUEST"),
        ({"query": "", "extensions": {"persistedQuery": {"version": 2}}}, "BAD_REQUEST"),
        ({"query": "", "documentId": 5}, "BAD_REQUEST"),
        ({"query": QUERY, "extensions": {"lastEventId": 5}}, "BAD_REQUEST"),
        ({"query": CHANGED, "variables": {"id": str(SECRET)}}, "NOT_FOUND"),
        ({"query": "subscription { anyThing { number } }"}, "UNAUTHENTICATED"),
    ],
)
async def test_what_is_refused_before_it_runs_is_an_error_and_not_completed(
    schema: Schema, payload: dict[str, Any], code: str
) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.send({"id": "1", "type": "subscribe", "payload": payload})
        assert codes(await peer.receive()) == [code]
        assert (await peer.ask(QUERY))["type"] == "next"  # of the same id


async def test_errors_of_the_execution_are_in_the_result(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        payload = (await peer.ask("{ fault refusal }"))["payload"]
        assert payload["data"] == {"fault": None, "refusal": None}
        assert [each["extensions"]["code"] for each in payload["errors"]] == ["INTERNAL_ERROR", "INVALID"]
        assert "secret" not in str(payload)
        assert await peer.receive() == COMPLETE


async def test_a_document_may_be_named_by_its_id_alone(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await peer.ask(QUERY)
        await peer.receive()
        persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest_of(QUERY)}}
        assert (await peer.ask("", extensions=persisted))["payload"]["data"] == {"__typename": "Query"}


async def test_an_id_that_is_in_use_ends_the_connection(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer, "it is me")
        peer.send(subscribe(QUERY, "it is me"))
        assert await peer.closed() == (4409, "Subscriber for it is me already exists")
        assert await shop.emptied()


async def test_ids_of_two_operations_in_one_packet_differ(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.send(subscribe(QUERY), subscribe(QUERY))
        assert (await peer.closed())[0] == 4409


async def test_a_long_id_is_cut_in_the_reason(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer, "ü" * 255)
        peer.send(subscribe(QUERY, "ü" * 255))
        assert await peer.closed() == (4409, f"Subscriber for {'ü' * 40} already exists")


async def test_an_id_may_be_used_again_when_its_operation_is_complete(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        for _ in range(20):
            assert (await peer.ask(QUERY))["type"] == "next"
            assert await peer.receive() == COMPLETE


async def test_an_id_may_be_used_again_at_once_when_the_client_completes(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        peer.send(COMPLETE, subscribe(QUERY))
        assert (await peer.receive())["payload"]["data"] == {"__typename": "Query"}
        assert await peer.receive() == COMPLETE
        assert shop.subscriptions == 0


async def test_a_client_completes_one_subscription_of_several(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer, "1")
        await shop.subscribed(peer, "2")
        peer.send(COMPLETE)
        await shop.until(lambda: shop.subscriptions == 1)
        await shop.toys.change(ONE)
        peer.send({"type": "ping"})
        assert [(await peer.receive()).get("id") for _ in range(2)] in (["2", None], [None, "2"])


@pytest.mark.parametrize("id_", ["unknown", "1"])
async def test_a_completion_of_no_running_operation_is_ignored(schema: Schema, id_: str) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await peer.ask(QUERY)
        await peer.receive()
        peer.send({"id": id_, "type": "complete"})
        assert (await peer.ask(QUERY, "2"))["type"] == "next"


async def test_a_completion_before_the_acknowledgement_is_ignored(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        peer.send(COMPLETE)
        assert (await peer.init())["type"] == "connection_ack"


async def test_a_query_that_the_client_completes_is_cancelled(schema: Schema) -> None:
    GATE.clear()
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.send(subscribe(SLOW))
        await shop.until(lambda: bool(GATE._waiters))
        peer.send(COMPLETE)
        await shop.until(lambda: not GATE._waiters)
        peer.send({"type": "ping"})
        assert await peer.receive() == {"type": "pong"}


async def test_a_mutation_that_the_client_completes_runs_to_its_end_without_a_result(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        waiting = held_mutations(shop)
        peer.send(subscribe(MUTATION))
        await shop.until(lambda: shop.toys.db.log == ["begin"])
        peer.send(COMPLETE, subscribe(QUERY))
        assert (await peer.receive())["payload"]["data"] == {"__typename": "Query"}
        assert await peer.receive() == COMPLETE
        waiting.set()
        await shop.until(lambda: shop.toys.db.log == ["begin", "commit"])
        peer.send({"type": "ping"})
        assert await peer.receive() == {"type": "pong"}


async def test_a_mutation_whose_client_has_gone_runs_to_its_end(schema: Schema) -> None:
    async with live_shop(schema) as shop:
        waiting = held_mutations(shop)
        async with shop.acknowledged() as peer:
            peer.send(subscribe(MUTATION))
            await shop.until(lambda: shop.toys.db.log == ["begin"])
            peer.writer.transport.abort()
        await shop.until(lambda: not shop.served.server.server_state.connections)
        waiting.set()
        assert await shop.emptied()
        assert shop.toys.db.log == ["begin", "commit"]


async def test_an_operation_that_takes_too_long_ends_with_an_error(schema: Schema) -> None:
    GATE.clear()
    async with live_shop(schema, limits=GraphQLLimits(seconds=0.05)) as shop, shop.acknowledged() as peer:
        assert codes(await peer.ask(SLOW)) == ["TIMEOUT"]


@pytest.mark.parametrize("place", ["operation", "initialisation"])
async def test_a_subscription_resumes_after_the_last_event_of_its_client(schema: Schema, place: str) -> None:
    async with live_shop(schema) as shop:
        await shop.toys.change(ONE)
        last = shop.toys.hub.position()
        await shop.toys.change(ONE)
        init = {"lastEventId": last} if place == "initialisation" else None
        async with shop.acknowledged(init) as peer:
            extensions = {"lastEventId": last} if place == "operation" else {}
            resumed = await peer.ask(CHANGED, variables={"id": str(ONE)}, extensions=extensions)
    assert resumed["payload"]["extensions"]["eventId"] == shop.toys.hub.position()


async def test_the_event_id_of_the_initialisation_counts_for_ten_seconds(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live_shop(schema) as shop:
        last = shop.toys.hub.position()
        await shop.toys.change(ONE)
        async with shop.acknowledged({"lastEventId": last}) as peer:
            monkeypatch.setattr("gateway.http.live.operations.RESUME_SECONDS", -1.0)
            await shop.subscribed(peer)
            peer.send({"type": "ping"})
            assert await peer.receive() == {"type": "pong"}


async def test_missed_events_are_told(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        message = await peer.ask(CHANGED, variables={"id": str(ONE)}, extensions={"lastEventId": "nonsense"})
        assert message["payload"]["data"] == {"thingChanged": None}
        assert message["payload"]["extensions"]["missed"] is True


async def test_a_subscription_whose_permission_ends_gets_an_error(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        await shop.toys.change(ONE, how="gone")
        assert codes(await peer.receive()) == ["NOT_FOUND"]
        assert (await peer.ask(QUERY))["type"] == "next"


async def test_a_subscriber_that_is_too_slow_is_disconnected_and_may_come_back(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stalled(_events: hub.Subscription) -> None:
        raise hub.SubscriberTooSlow

    monkeypatch.setattr(hub.Subscription, "__anext__", stalled)
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.send(subscribe(CHANGED, variables={"id": str(ONE)}))
        assert await peer.closed() == (1013, "Events were not read in time. Connect again.")


async def test_a_fault_of_an_operation_is_its_error_and_shows_a_request_id(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_given: Any) -> None:
        raise ValueError("the secret inside")

    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        monkeypatch.setattr(shop.toys.api, "start", fail)
        with capture_logs() as lines:
            message = await peer.ask(QUERY)
        (error,) = message["payload"]
        assert error["extensions"]["code"] == "INTERNAL_ERROR"
        assert "secret" not in str(message)
        assert [line["request_id"] for line in lines if line["event"] == "fault"] == [
            error["extensions"]["requestId"]
        ]
        monkeypatch.undo()
        assert (await peer.ask(QUERY))["type"] == "next"


async def test_a_fault_of_the_handler_ends_the_connection(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_given: Any) -> None:
        raise ValueError("the secret inside")

    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        monkeypatch.setattr(Operations, "_answer", fail)
        peer.send(subscribe(QUERY))
        assert (await peer.closed())[0] == 1013
