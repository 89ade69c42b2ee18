"""What is logged and counted of live connections: each handshake, initialisation, operation and end; no secret."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock
from gateway.graphql.core.schema import Schema
from gateway.http.settings import HttpSettings
from gateway.live import hub
from gateway.monitoring.live import LiveMetrics
from gateway.monitoring.metrics import Metrics
from tests.gateway.http.live.event_peers import watched
from tests.gateway.http.live.peers import COMPLETE, SETTINGS, head, live_shop, subscribe
from tests.gateway.live.samples import NOON
from tests.gateway.live.toys import CHANGED, ONE

LOGGED = HttpSettings()
SECRET = "the-secret-of-the-client"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def counting(metrics: Metrics) -> dict[str, Any]:
    """The options of an application that counts, three seconds after the events of the shop."""
    clock = FixedClock(NOON + timedelta(seconds=3))
    return {"metrics": metrics, "live_metrics": LiveMetrics(metrics, clock)}


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"commerce_{name}", labels)


async def test_a_connection_and_its_operations_are_logged(schema: Schema, lines: list[Any]) -> None:
    async with live_shop(schema, LOGGED) as shop:
        async with shop.acknowledged({"authorization": "Bearer staff"}) as peer:
            await peer.ask("query Mine { me }")
            await peer.receive()
            await peer.ask("{ unknown }")
            await shop.subscribed(peer)
            await shop.toys.change(ONE)
            await peer.receive()
            peer.send(COMPLETE)
            await shop.until(lambda: shop.subscriptions == 0)
        await shop.emptied()
    user = "00000000-0000-0000-0000-000000000007"
    shown = [
        tuple(line.get(name) for name in ("event", "user", "type", "fields", "outcome", "codes", "status"))
        for line in lines
        if line["event"] in ("request", "disconnected")
    ]
    assert shown == [
        ("request", None, None, None, "ok", [], 101),
        ("request", user, None, None, "ok", [], 200),
        ("request", user, "query", ["me"], "ok", [], 200),
        ("request", user, None, None, "errors", ["GRAPHQL_VALIDATION_FAILED"], 400),
        ("request", user, "subscription", ["thingChanged"], "ok", [], 200),
        ("disconnected", None, None, None, None, None, None),
    ]
    assert {(line["method"], line["path"]) for line in lines if line["event"] == "request"} == {
        ("WEBSOCKET", "/graphql")
    }
    assert [line["code"] for line in lines if line["event"] == "disconnected"] == [1006]
    (request_id,) = {line["request_id"] for line in lines if "request_id" in line}
    assert f"x-request-id: {request_id}\r\n".encode() in peer.response
    assert {line["ip"] for line in lines if "ip" in line} == {"127.0.0.1"}


async def test_lines_are_left_out_without_an_access_log(schema: Schema, lines: list[Any]) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await peer.ask("{ __typename }")
    assert lines == []


async def test_no_line_has_a_secret(schema: Schema, lines: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with live_shop(schema, LOGGED) as shop:
        secrets = {"authorization": f"Bearer {SECRET}", "x-cart-token": SECRET, "password": SECRET}
        async with shop.connected({"x-cart-token": SECRET, "authorization": f"Bearer {SECRET}"}) as peer:
            peer.send({"type": "connection_init", "payload": secrets})
            assert (await peer.closed())[0] == 4403
        async with shop.acknowledged({"x-cart-token": SECRET}) as peer:
            await peer.ask("query ($text: String) { echo(text: $text) }", variables={"text": SECRET})
            await peer.receive()
            peer.send({"type": "nonsense", "secret": SECRET})
            assert SECRET not in (await peer.closed())[1]
        await shop.emptied()
    assert SECRET not in json.dumps(lines, default=str)
    assert SECRET not in caplog.text


async def test_a_refused_client_is_a_security_event(schema: Schema, lines: list[Any]) -> None:
    async with live_shop(schema) as shop:
        async with shop.connected() as peer:
            peer.send({"type": "connection_init", "payload": {"authorization": "Bearer none"}})
            await peer.closed()
        await shop.raw(head({"origin": "https://evil.example"}))
        await shop.emptied()
    names = ("kind", "code", "reason", "ip")
    shown = [tuple(line[name] for name in names) for line in lines if line["event"] == "security"]
    assert shown == [
        ("authentication", "UNAUTHENTICATED", "Unauthenticated", "127.0.0.1"),
        ("authorization", "ORIGIN_NOT_ALLOWED", "ForeignOrigin", "127.0.0.1"),
    ]


@pytest.mark.parametrize(
    ("limit", "client"),
    [
        ("max_live_connections", {"ip": "127.0.0.1"}),
        ("max_live_connections_per_address", {"ip": "127.0.0.1"}),
        ("max_live_connections_per_account", {"user": "00000000-0000-0000-0000-000000000007"}),
    ],
)
async def test_refusals_of_connections_are_logged_once_and_counted_by_their_limit(
    schema: Schema, lines: list[Any], metrics: Metrics, limit: str, client: dict[str, str]
) -> None:
    one: dict[str, Any] = {limit: 1}
    staff = {"authorization": "Bearer staff"}
    async with live_shop(schema, replace(SETTINGS, **one), **counting(metrics)) as shop, shop.acknowledged(staff):
        for _ in range(3):
            if limit == "max_live_connections_per_account":
                async with shop.connected() as peer:
                    peer.send({"type": "connection_init", "payload": staff})
                    await peer.closed()
            else:
                await shop.raw(head())
        await shop.until(lambda: value(metrics, "limits_hit_total", code=limit.upper()) == 3)
    (line,) = [line for line in lines if line["event"] == "security"]
    assert client.items() <= line.items()
    assert (line["kind"], line["reason"]) == ("throttling", "live connections")


async def test_connections_operations_and_results_are_counted(schema: Schema, metrics: Metrics) -> None:
    async with live_shop(schema, **counting(metrics)) as shop:
        async with shop.acknowledged() as one, shop.acknowledged(), watched(shop) as stream:
            await shop.subscribed(one)
            await shop.toys.change(ONE)
            await one.receive()
            await stream.result()
            assert value(metrics, "live_connections", transport="websocket") == 2
            assert value(metrics, "live_connections", transport="sse") == 1
            assert value(metrics, "live_operations") == 2
            await shop.until(lambda: value(metrics, "live_results_total", operation="thingChanged") == 2)
            assert value(metrics, "live_lag_seconds_count") == 2
            assert value(metrics, "live_lag_seconds_sum") == pytest.approx(6, abs=1)
        await shop.emptied()
        await shop.until(lambda: value(metrics, "requests_total", operation="thingChanged", outcome="ok") == 2)
    assert value(metrics, "live_connections", transport="websocket") == 0
    assert value(metrics, "live_connections", transport="sse") == 0
    assert value(metrics, "live_operations") == 0


@pytest.mark.parametrize("is_stream", [False, True], ids=["websocket", "stream"])
async def test_subscribers_that_are_too_slow_are_counted(
    schema: Schema, metrics: Metrics, monkeypatch: pytest.MonkeyPatch, is_stream: bool
) -> None:
    async with live_shop(schema, **counting(metrics)) as shop, shop.acknowledged() as peer:
        if is_stream:
            async with watched(shop) as stream:
                monkeypatch.setattr(hub, "STALLED_SECONDS", -1)
                await shop.toys.change(*[ONE] * 200)
                while await stream.event() is not None:
                    pass
        else:
            monkeypatch.setattr(hub, "STALLED_SECONDS", -1)
            peer.send(subscribe(CHANGED, variables={"id": str(ONE)}))
            await shop.until(lambda: shop.subscriptions == 1)
            await shop.toys.change(*[ONE] * 200)
            assert await peer.gone() is False
        assert value(metrics, "limits_hit_total", code="SUBSCRIBER_TOO_SLOW") == 1
