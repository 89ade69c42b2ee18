"""Cached answers that the protocol writes at once, in a real uvicorn: every form of a request and of its arrival."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from gateway.app import create_app
from gateway.http.cached_answers import CachedAnswers
from gateway.http.responses import Response
from gateway.http.settings import HttpSettings
from gateway.infra.memory import MemoryCache
from gateway.monitoring.metrics import Metrics
from gateway.rate_limits.rate_limits import RateLimits, RateLimitSettings
from tests.gateway.answers.shops import Server
from tests.gateway.servers import answer, serving
from tests.spans import recording

SHOP = json.dumps({"query": "query Name { shop { name } }"}).encode()
PRIVATE = json.dumps({"query": "{ me { id } }"}).encode()
SETTINGS = HttpSettings(access_log=False)


def request(slug: str, body: bytes = SHOP, *headers: bytes) -> bytes:
    fixed = [b"host: shop.test", b"x-company: " + slug.encode(), b"content-type: application/json"]
    length = b"content-length: %d" % len(body)
    return b"\r\n".join((b"POST /graphql HTTP/1.1", *fixed, length, *headers, b"", body))


def get(slug: str, *headers: bytes) -> bytes:
    target = f"/graphql?query={quote('query Name { shop { name } }')}"
    fixed = (b"host: shop.test", b"accept: application/json", b"x-company: " + slug.encode())
    return b"\r\n".join((f"GET {target} HTTP/1.1".encode(), *fixed, *headers, b"", b""))


def head_of(response: bytes) -> dict[str, str]:
    lines = response.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def variants(response: bytes) -> set[str]:
    """The names of the request's headers by which responses differ."""
    lines = response.partition(b"\r\n\r\n")[0].decode().lower().split("\r\n")
    return {name.strip() for line in lines if line.startswith("vary: ") for name in line[6:].split(",")}


def state_of(response: bytes) -> str:
    return head_of(response).get("cache-status", "none").removeprefix("commerce; ")


class Client:
    """A connection to a server, and the bodies that the server has written at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, at_once: list[bytes]) -> None:
        self.reader, self.writer, self.at_once = reader, writer, at_once

    async def ask(self, *parts: bytes) -> bytes:
        """The response to a request that is sent in these parts."""
        for part in parts:
            self.writer.write(part)
            await asyncio.sleep(0.02 if len(parts) > 1 else 0)
        return await answer(self.reader)


@pytest.fixture
async def slug(gateway: Server) -> str:
    shop = await gateway.site.value("{ shop { slug } }")
    return str(shop["slug"])


@asynccontextmanager
async def connected(
    gateway: Server, settings: HttpSettings = SETTINGS, *, found: Response | None = None, **options: Any
) -> AsyncIterator[Client]:
    """A client of a server with these options, which takes the responses from the cache, or always `found`."""
    app = create_app(gateway.site.api, settings, answers=gateway.answers, **options)
    assert isinstance(app, CachedAnswers)
    find, at_once = app.answer_at_once, []

    def answer_at_once(scope: Any, body: bytes) -> Response | None:
        response = found or find(scope, body)
        at_once.extend([response.body] if response else [])
        return response

    app.answer_at_once = answer_at_once  # type: ignore[method-assign, assignment]
    async with serving(app, settings) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        try:
            yield Client(reader, writer, at_once)
        finally:
            writer.close()


async def test_the_second_request_is_answered_at_once_with_the_same_headers(gateway: Server, slug: str) -> None:
    async with connected(gateway) as client:
        missed, hit, again = [await client.ask(request(slug)) for _ in range(3)]
        assert [state_of(each) for each in (missed, hit, again)] == ["fwd=miss", "hit", "hit"]
        assert len(client.at_once) == 2
    before, after = head_of(missed), head_of(hit)
    for varying in ("cache-status", "x-request-id", "date"):
        assert before.pop(varying)
        assert after.pop(varying)
    assert before == after
    assert hit.partition(b"\r\n\r\n")[2] == missed.partition(b"\r\n\r\n")[2]
    assert head_of(again)["x-request-id"] != head_of(hit)["x-request-id"]


async def test_a_get_is_answered_at_once_and_304_for_a_client_that_has_it(gateway: Server, slug: str) -> None:
    ask = get(slug)
    async with connected(gateway) as client:
        states = [state_of(await client.ask(ask)) for _ in range(2)]
        etag = head_of(await client.ask(ask))["etag"]
        client.writer.write(get(slug, b"if-none-match: " + etag.encode()))
        unchanged = await client.reader.readuntil(b"\r\n\r\n")
        assert state_of(await client.ask(ask)) == "hit"
        assert len(client.at_once) == 4
    assert states == ["fwd=miss", "hit"]
    assert unchanged.startswith(b"HTTP/1.1 304 ")
    assert (head_of(unchanged)["etag"], "content-length" in head_of(unchanged)) == (etag, False)


async def test_a_request_that_arrives_in_parts_is_answered_from_the_cache(gateway: Server, slug: str) -> None:
    whole = request(slug)
    head, _, body = whole.partition(b"\r\n\r\n")
    async with connected(gateway) as client:
        await client.ask(whole)
        for parts in ((head + b"\r\n\r\n", body), (whole[:30], whole[30:-9], whole[-9:]), (whole[:-1], whole[-1:])):
            assert state_of(await client.ask(*parts)) == "hit"
        assert client.at_once == []
        assert state_of(await client.ask(head, b"\r\n\r\n" + body)) == "hit"
        assert len(client.at_once) == 1


async def test_pipelined_requests_are_answered_in_their_order(gateway: Server, slug: str) -> None:
    private, public = request(slug, PRIVATE), request(slug)
    async with connected(gateway) as client:
        await client.ask(public)
        client.writer.write(public + private + public + public)
        responses = [await answer(client.reader) for _ in range(4)]
        assert [state_of(each) for each in responses] == ["hit", "none", "hit", "hit"]
        assert len(client.at_once) == 1  # what comes behind it goes through the queue of the connection
        client.writer.write(private + public)
        assert [state_of(await answer(client.reader)) for _ in range(2)] == ["none", "hit"]


async def test_a_client_that_asks_for_it_is_disconnected_after_the_answer(gateway: Server, slug: str) -> None:
    async with connected(gateway) as client:
        await client.ask(request(slug))
        response = await client.ask(request(slug, SHOP, b"connection: close"))
        assert (state_of(response), head_of(response)["connection"]) == ("hit", "close")
        assert await client.reader.read() == b""


async def test_a_client_that_offers_an_upgrade_is_disconnected_after_the_answer(gateway: Server, slug: str) -> None:
    async with connected(gateway) as client:
        await client.ask(get(slug))
        response = await client.ask(get(slug, b"connection: upgrade, http2-settings", b"upgrade: h2c"))
        assert (state_of(response), head_of(response)["connection"]) == ("hit", "close")
        assert await client.reader.read() == b""


async def test_a_client_that_waits_for_100_gets_it_first(gateway: Server, slug: str) -> None:
    async with connected(gateway) as client:
        await client.ask(request(slug))
        client.writer.write(request(slug, SHOP, b"expect: 100-continue"))
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert state_of(await answer(client.reader)) == "hit"


async def test_an_answer_at_once_restarts_the_time_until_an_idle_connection_is_closed(
    gateway: Server, slug: str
) -> None:
    async with connected(gateway, HttpSettings(access_log=False, keep_alive_timeout=0.3)) as client:
        await client.ask(request(slug))
        for _ in range(4):
            await asyncio.sleep(0.15)
            assert state_of(await client.ask(request(slug))) == "hit"
        assert await client.reader.read() == b""
        assert len(client.at_once) == 4


async def test_a_client_that_does_not_read_gets_no_more_at_once(gateway: Server, slug: str) -> None:
    large = Response(200, ((b"content-length", b"1000000"),), bytes(1_000_000))
    async with connected(gateway, found=large) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport that reads
        for _ in range(30):
            client.writer.write(request(slug))
            await asyncio.sleep(0.002)
        assert 1 <= len(client.at_once) < 15
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        for _ in range(30):
            assert (await answer(client.reader)).startswith(b"HTTP/1.1 200 ")


async def test_a_fault_of_the_cache_leaves_the_request_to_the_application(
    gateway: Server, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(gateway) as client:
        await client.ask(request(slug))
        monkeypatch.setattr(gateway.answers, "find", lambda _: 1 / 0)
        with capture_logs() as logs:
            response = await client.ask(request(slug))
        assert [line["event"] for line in logs] == ["the cache of answers cannot be read"] * 2
        assert (response[9:12], state_of(response)) == (b"200", "fwd=miss")
        monkeypatch.undo()
        assert state_of(await client.ask(request(slug))) == "hit"


async def test_a_request_above_the_rate_limit_is_refused(gateway: Server, slug: str) -> None:
    rates = RateLimitSettings(reads_per_address=3)
    limits = RateLimits(rates, MemoryCache(gateway.site.clock), lambda: 1_000.0)
    async with connected(gateway, limits=limits) as client:
        responses = [await client.ask(request(slug)) for _ in range(4)]
        assert len(client.at_once) == 2
    assert [head_of(each)["ratelimit-remaining"] for each in responses] == ["2", "1", "0", "0"]
    assert responses[3].startswith(b"HTTP/1.1 429 ")
    assert head_of(responses[3])["retry-after"] == "20"


async def test_the_address_behind_a_trusted_proxy_is_the_one_that_counts(gateway: Server, slug: str) -> None:
    limits = RateLimits(RateLimitSettings(reads_per_address=2), MemoryCache(gateway.site.clock), lambda: 1_000.0)
    trusting = HttpSettings(access_log=False, trusted_proxies=(ip_network("127.0.0.1/32"),))
    async with connected(gateway, trusting, limits=limits) as client:
        for address in (b"192.0.2.1", b"192.0.2.2", b"192.0.2.3, 127.0.0.1"):
            asked = request(slug, SHOP, b"x-forwarded-for: " + address)
            statuses = [(await client.ask(asked))[9:12] for _ in range(3)]
            assert statuses == [b"200", b"200", b"429"]
        long = request(slug, SHOP, b"x-forwarded-for: " + b"192.0.2.9, " * 50 + b"192.0.2.9")
        assert [state_of(await client.ask(long)) for _ in range(2)] == ["fwd=miss", "fwd=miss"]


async def test_a_cdn_learns_that_responses_differ_by_origin(gateway: Server, slug: str) -> None:
    settings = HttpSettings(access_log=False, cors_origins=("https://shop.example",))
    async with connected(gateway, settings) as client:
        missed, at_once, browser = [
            await client.ask(get(slug, *origin)) for origin in ((), (), (b"origin: https://shop.example",))
        ]
        assert len(client.at_once) == 1
    assert [state_of(each) for each in (missed, at_once, browser)] == ["fwd=miss", "hit", "hit"]
    for response in (missed, at_once, browser):
        assert variants(response) == {"accept", "authorization", "x-company", "origin"}


async def test_other_origins_get_their_headers(gateway: Server, slug: str) -> None:
    settings = HttpSettings(access_log=False, cors_origins=("https://shop.example",))
    async with connected(gateway, settings) as client:
        await client.ask(request(slug))
        response = await client.ask(request(slug, SHOP, b"origin: https://shop.example"))
        assert (state_of(response), client.at_once) == ("hit", [])
        assert head_of(response)["access-control-allow-origin"] == "https://shop.example"


async def test_an_answer_at_once_is_in_the_log_and_in_the_metrics(gateway: Server, slug: str) -> None:
    labels = {"operation": "shop", "outcome": "ok"}
    for settings in (HttpSettings(access_log=True), SETTINGS):
        metrics = Metrics()
        async with connected(gateway, settings, metrics=metrics) as client:
            with capture_logs() as logs:
                responses = [await client.ask(request(slug)) for _ in range(2)]
            assert client.at_once
        lines = [line for line in logs if line["event"] == "request"]
        ids = [head_of(each)["x-request-id"] for each in responses]
        assert [line["request_id"] for line in lines] == (ids if settings.access_log else [])
        assert metrics.registry.get_sample_value("commerce_requests_total", labels) == 2
        assert metrics.registry.get_sample_value("commerce_request_seconds_count", {"type": "query"}) == 2


async def test_a_traced_request_has_a_span(gateway: Server, slug: str) -> None:
    async with connected(gateway) as client:
        await client.ask(request(slug))
        with recording() as spans:
            await client.ask(request(slug, SHOP, b"traceparent: 00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"))
        assert len(client.at_once) == 1
    (span,) = [each for each in spans.get_finished_spans() if each.name == "query shop"]
    assert format(span.context.trace_id, "032x") == "a" * 32
