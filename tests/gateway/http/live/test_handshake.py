"""Handshakes of WebSockets: which are accepted, by whom, and how the others are refused."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import orjson
import pytest

from domains.kernel.clock import SystemClock
from gateway.graphql.core.schema import Schema
from gateway.http.live.origins import is_allowed
from gateway.http.requests import Headers
from gateway.infra.memory import MemoryCache
from gateway.rate_limits.rate_limits import RateLimits, RateLimitSettings
from tests.gateway.http.live.peers import QUERY, SETTINGS, Peer, frame, head, live_shop, text
from tests.gateway.servers import answer, code

Changes = Mapping[str, str | None]
ORIGINS = ("https://shop.example", "http://localhost:3000")
THERE = "127.0.0.2"


@pytest.mark.parametrize(
    ("origin", "host", "is_expected"),
    [
        (None, "api.example", True),
        ("https://shop.example", "api.example", True),
        ("http://localhost:3000", "api.example", True),
        ("https://api.example", "api.example", True),
        ("http://api.example", "api.example", True),
        ("http://api.example:8000", "api.example:8000", True),
        ("https://api.example", "api.example:443", True),
        ("http://api.example", "api.example:80", True),
        ("https://API.example", "api.EXAMPLE", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("https://evil.example", "api.example", False),
        ("http://shop.example", "api.example", False),
        ("https://shop.example:444", "api.example", False),
        ("https://shop.example.evil.example", "api.example", False),
        ("https://api.example:8443", "api.example", False),
        ("http://api.example:8001", "api.example:8000", False),
        ("https://api.example.evil.example", "api.example", False),
        ("null", "api.example", False),
        ("", "api.example", False),
        ("", "", False),
        ("file://", "", False),
        ("ftp://api.example", "api.example", False),
        ("chrome-extension://api.example", "api.example", False),
        ("https://api.example", None, False),
        ("https://api.example:x", "api.example", False),
        ("https://api.example:99999", "api.example", False),
        ("https://[", "api.example", False),
        ("https://api.example", "[", False),
        ("https://a, https://api.example", "api.example", False),
    ],
)
def test_pages_of_the_same_host_and_of_allowed_origins_may_connect(
    origin: str | None, host: str | None, is_expected: bool
) -> None:
    given = {name: value for name, value in (("origin", origin), ("host", host)) if value is not None}
    assert is_allowed(Headers(given), ORIGINS) is is_expected
    assert is_allowed(Headers(given), ("*",))


async def test_a_page_of_a_foreign_origin_is_refused_at_the_handshake(schema: Schema) -> None:
    async with live_shop(schema) as shop:
        refused = await shop.raw(head({"origin": "https://evil.example"}))
        assert code(refused) == (403, "ORIGIN_NOT_ALLOWED")
        assert b"it is not one of `CORS_ORIGINS`" in refused
        assert {b"connection: close", b"x-content-type-options: nosniff"} <= set(refused.lower().split(b"\r\n"))
        assert b"\r\nx-request-id: " in refused.lower()
        assert await shop.emptied()
        async with shop.connected({"origin": "http://shop.test"}) as peer:
            await peer.init()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sec-websocket-key": None}, 400),
        ({"sec-websocket-key": "short"}, 400),
        ({"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="[:-4]}, 400),
        ({"sec-websocket-version": None}, 400),
        ({"sec-websocket-version": "8"}, 400),
        ({"cookie": "x" * 9_000}, 431),
        ({f"x-{number}": "1" for number in range(200)}, 431),
    ],
)
async def test_a_handshake_that_is_none_is_refused_in_json(schema: Schema, changes: Changes, status: int) -> None:
    async with live_shop(schema) as shop:
        refused = await shop.raw(head(changes))
        assert int(refused.split()[1]) == status
        assert b"content-type: application/json; charset=utf-8\r\n" in refused.lower()
        assert b"sec-websocket-version: 13\r\n" in refused.lower()
        assert orjson.loads(refused.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"]
        assert await shop.emptied()


async def test_a_path_in_other_characters_is_refused(schema: Schema) -> None:
    async with live_shop(schema) as shop:
        refused = await shop.raw(head().replace(b"/graphql", b"/graphql?\xff\xfe"))
        assert int(refused.split()[1]) == 400
        assert await shop.emptied()


@pytest.mark.parametrize(
    ("target", "method", "changes", "status"),
    [
        ("/healthz", "GET", {}, b"200"),
        ("/", "GET", {}, b"200"),
        ("/none", "GET", {}, b"404"),
        ("/graphql/", "GET", {}, b"307"),
        ("/graphql?query={__typename}", "GET", {"upgrade": "h2c"}, b"200"),
        ("/graphql?query={__typename}", "GET", {"connection": "keep-alive"}, b"200"),
        ("/graphql", "POST", {"content-length": "2", "content-type": "application/json"}, b"400"),
        ("/graphql?query={__typename}", "GET", {"content-length": "2"}, b"200"),
    ],
)
async def test_what_offers_no_websocket_here_is_answered_in_http(
    schema: Schema, target: str, method: str, changes: Changes, status: bytes
) -> None:
    async with live_shop(schema) as shop:
        body = b"{}" if "content-length" in changes else b""
        answered = await shop.raw(head(changes, target, method) + body)
        assert answered.split()[1] == status


async def test_an_offer_in_http_1_0_is_answered_in_http(schema: Schema) -> None:
    async with live_shop(schema) as shop:
        request = head(target="/graphql?query={__typename}").replace(b"HTTP/1.1", b"HTTP/1.0")
        assert (await shop.raw(request)).split()[1] == b"200"


async def test_a_connection_may_be_used_for_http_before(schema: Schema) -> None:
    async with live_shop(schema) as shop:
        reader, writer = await asyncio.open_connection("127.0.0.1", shop.served.port)
        writer.write(b"GET /graphql?query={__typename} HTTP/1.1\r\nhost: shop.test\r\n\r\n")
        assert (await answer(reader)).startswith(b"HTTP/1.1 200")
        writer.write(head())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        await Peer(reader, writer).init()
        writer.close()
        await writer.wait_closed()


async def test_an_offer_behind_a_request_without_a_response_is_answered_in_http(schema: Schema) -> None:
    slow = b"GET /graphql?query={slow} HTTP/1.1\r\nhost: shop.test\r\n\r\n"
    async with live_shop(schema, replace(SETTINGS, execution_timeout=0.05)) as shop:
        reader, writer = await asyncio.open_connection("127.0.0.1", shop.served.port)
        writer.write(slow + head())
        assert [int((await answer(reader)).split()[1]) for _ in range(2)] == [503, 400]
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_a_handshake_may_arrive_in_parts_and_with_messages_behind_it(schema: Schema, size: int) -> None:
    sent = head() + text({"type": "connection_init"}) + text({"type": "ping"})
    async with live_shop(schema) as shop:
        reader, writer = await asyncio.open_connection("127.0.0.1", shop.served.port)
        for start in range(0, len(sent), size):
            writer.write(sent[start : start + size])
            await asyncio.sleep(0)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        peer = Peer(reader, writer)
        assert {(await peer.receive())["type"] for _ in range(2)} == {"connection_ack", "pong"}
        writer.close()
        await writer.wait_closed()


async def test_invalid_frames_behind_a_handshake_end_the_connection(
    schema: Schema, caplog: pytest.LogCaptureFixture
) -> None:
    async with live_shop(schema) as shop:
        reader, writer = await asyncio.open_connection("127.0.0.1", shop.served.port)
        writer.write(head() + frame(3))
        assert await Peer(reader, writer).gone()
        assert await shop.emptied()
        writer.close()
    assert caplog.records == []


@pytest.mark.parametrize(
    "offer",
    [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits, permessage-deflate",
        "x-webkit-deflate-frame, unknown",
    ],
)
async def test_offers_of_compression_are_declined(schema: Schema, offer: str) -> None:
    async with live_shop(schema) as shop, shop.connected({"sec-websocket-extensions": offer}) as peer:
        assert b"sec-websocket-extensions" not in peer.response.lower()
        assert (await peer.init())["type"] == "connection_ack"


async def test_a_handshake_is_a_read_of_its_address(schema: Schema) -> None:
    limits = RateLimits(RateLimitSettings(reads_per_address=1), MemoryCache(SystemClock()), lambda: 0.0)
    async with live_shop(schema, rate_limits=limits) as shop, shop.acknowledged():
        refused = await shop.raw(head())
        assert code(refused) == (429, "RATE_LIMITED")
        assert b"retry-after: 60\r\n" in refused.lower()


async def test_connections_of_an_address_are_limited(schema: Schema) -> None:
    settings = replace(SETTINGS, max_live_connections_per_address=2)
    async with live_shop(schema, settings) as shop, shop.acknowledged(), shop.connected() as second:
        refused = await shop.raw(head())
        assert code(refused) == (429, "RATE_LIMITED")
        assert b"retry-after: 5\r\n" in refused.lower()
        async with shop.acknowledged(source=THERE) as peer:
            assert (await peer.ask(QUERY))["type"] == "next"
        second.writer.close()
        await shop.until(lambda: len(shop.served.server.server_state.connections) == 1)
        async with shop.acknowledged():
            pass


async def test_connections_of_a_process_are_limited(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, max_live_connections=1)) as shop, shop.acknowledged():
        refused = await shop.raw(head())
        assert code(refused) == (503, "UNAVAILABLE")
        assert b"retry-after: 5\r\n" in refused.lower()
        assert (await shop.raw(b"GET /graphql?query={__typename} HTTP/1.1\r\n\r\n")).split()[1] == b"200"


async def test_clients_behind_a_trusted_proxy_are_told_apart(schema: Schema) -> None:
    proxied = replace(SETTINGS, max_live_connections_per_address=1, trusted_proxies=(ip_network("127.0.0.1/32"),))
    async with live_shop(schema, proxied) as shop, shop.acknowledged(headers={"x-forwarded-for": "192.0.2.1"}):
        assert code(await shop.raw(head({"x-forwarded-for": "192.0.2.1"}))) == (429, "RATE_LIMITED")
        async with shop.acknowledged(headers={"x-forwarded-for": "192.0.2.2"}):
            pass
        async with shop.acknowledged(), shop.acknowledged():  # of the proxy itself
            pass


async def test_connections_of_an_account_are_limited(schema: Schema) -> None:
    staff, settings = {"authorization": "Bearer staff"}, replace(SETTINGS, max_live_connections_per_account=1)
    async with live_shop(schema, settings) as shop, shop.acknowledged(staff) as first, shop.acknowledged():
        async with shop.connected() as second:
            second.send({"type": "connection_init", "payload": staff})
            full = "Your account has too many open connections. Close some, or try again later."
            assert await second.closed() == (1013, full)
        first.writer.close()
        await shop.until(lambda: len(shop.served.server.server_state.connections) == 1)
        async with shop.acknowledged(staff):
            pass


async def test_live_connections_do_not_count_as_those_of_http(schema: Schema) -> None:
    settings = replace(SETTINGS, max_connections=1, max_connections_per_address=1)
    async with live_shop(schema, settings) as shop, shop.acknowledged(), shop.acknowledged() as peer:
        request = b"GET /graphql?query={__typename} HTTP/1.1\r\nconnection: close\r\n\r\n"
        assert (await shop.raw(request)).split()[1] == b"200"
        assert (await peer.ask(QUERY))["type"] == "next"


async def test_a_handshake_above_the_limits_of_http_is_refused(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, max_connections=1)) as shop:
        _, writer = await asyncio.open_connection("127.0.0.1", shop.served.port)
        await shop.until(lambda: len(shop.served.server.server_state.connections) == 1)
        assert code(await shop.raw(head())) == (503, "UNAVAILABLE")
        writer.close()
        await writer.wait_closed()


async def test_a_client_that_leaves_during_the_handshake_is_no_error(
    schema: Schema, caplog: pytest.LogCaptureFixture
) -> None:
    async with live_shop(schema) as shop:
        for changes in ({}, {"sec-websocket-protocol": None}, {"origin": "https://evil.example"}):
            _, writer = await asyncio.open_connection("127.0.0.1", shop.served.port)
            writer.write(head(changes))
            writer.transport.abort()
        assert await shop.emptied()
    assert caplog.records == []


def test_headers_of_a_handshake_are_those_of_the_scope() -> None:
    scope: dict[str, Any] = {"headers": [(b"Origin", b"https://a"), (b"host", b"a")]}
    assert is_allowed(Headers.of(scope), ())
