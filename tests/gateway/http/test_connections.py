"""Connections: each state has a deadline, each address has a limit, and probes are always answered."""

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network
from typing import Any

import orjson
import pytest
import uvloop
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from gateway.graphql.core.schema import Schema
from gateway.http.connections import FULL, TOO_MANY, Connections
from gateway.http.refusal_log import LOG_INTERVAL
from gateway.http.settings import HttpSettings
from tests.gateway.servers import Served, answer, code, served, until
from tests.gateway.toy_shop import GATE

SHORT = HttpSettings(head_timeout=0.1, body_timeout=0.1, keep_alive_timeout=0.1, write_timeout=0.2, access_log=False)
PROBE = b"GET /healthz HTTP/1.1\r\nhost: shop.test\r\n\r\n"
QUERY = b"GET /graphql?query={__typename} HTTP/1.1\r\nhost: shop.test\r\n\r\n"
SLOW = b"GET /graphql?query={slow} HTTP/1.1\r\nhost: shop.test\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nhost: shop.test\r\n\r\n"
PIECE, PIECES = b"x" * 65_536, 256
HERE, THERE = "127.0.0.1", "127.0.0.2"
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(at: Served, *sent: bytes, source: str = HERE, window: int | None = None) -> AsyncIterator[Client]:
    """A client that has sent data from an address, with a receive buffer of this size in bytes."""
    client = socket.socket()
    client.setblocking(False)
    if window is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    client.bind((source, 0))
    await asyncio.get_running_loop().sock_connect(client, (HERE, at.port))
    reader, writer = await asyncio.open_connection(sock=client, limit=window or 65_536)
    try:
        for part in sent:
            writer.write(part)
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def asked(at: Served, request: bytes, source: str = HERE) -> bytes:
    """The only response on a new connection."""
    async with connected(at, request, source=source) as (reader, _):
        return await answer(reader)


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the server closes the connection; return whether it sent nothing more."""
    async with asyncio.timeout(5):
        with suppress(ConnectionError):
            return await reader.read() == b""
    return True


async def emptied(at: Served) -> bool:
    """Wait until the server has no connections and no requests."""
    await until(lambda: not at.server.server_state.connections and not at.server.server_state.tasks)
    return True


async def dribble(client: Client, octets: bytes) -> None:
    """Send the same bytes repeatedly until the server closes the connection."""
    reader, writer = client
    async with asyncio.timeout(5):
        while not reader.at_eof() and reader.exception() is None:
            writer.write(octets)
            await asyncio.sleep(0.01)


async def large(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(PIECES):
            yield PIECE

    return StreamingResponse(pieces())


ROUTES = [Route("/large", large)]


@pytest.mark.parametrize(
    "head",
    [b"POST /healthz", b"GET /healthz", b"GET /graphql?query={__typename}", b"POST /graphql", b"POST /none"],
)
@pytest.mark.parametrize("framing", [b"content-length: 1000000", b"transfer-encoding: chunked"])
async def test_an_unread_body_has_a_fixed_deadline(schema: Schema, head: bytes, framing: bytes) -> None:
    async with served(schema, SHORT) as at:
        request = head + b" HTTP/1.1\r\nhost: shop.test\r\n" + framing + b"\r\n\r\n"
        async with connected(at, request) as client:
            assert (await answer(client[0])).startswith(b"HTTP/1.1 ")
            await dribble(client, b"1" if b"length" in framing else b"1\r\nx\r\n")
        assert await emptied(at)


async def test_a_connection_continues_after_an_unread_body(schema: Schema) -> None:
    async with served(schema, HttpSettings(access_log=False)) as at:
        upload = b"POST /healthz HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 5\r\n\r\n"
        async with connected(at, upload) as (reader, writer):
            await answer(reader)
            writer.write(b"12345" + PROBE)
            assert (await answer(reader)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("octets", [b"\r\n", b"\n"])
async def test_empty_lines_do_not_extend_an_idle_connection(schema: Schema, octets: bytes) -> None:
    async with served(schema, SHORT) as at, connected(at, PROBE) as client:
        await answer(client[0])
        await dribble(client, octets)
        assert await emptied(at)


async def test_endless_trailers_are_cut_off(schema: Schema) -> None:
    async with served(schema, HttpSettings(max_head=1_000, access_log=False)) as at:
        head = b"POST /graphql HTTP/1.1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        async with connected(at, head, b"0\r\n") as client:
            await dribble(client, b"x-long: " + b"a" * 200 + b"\r\n")
        assert await emptied(at)


@pytest.mark.parametrize("request_line", [LARGE, LARGE * 20], ids=["one", "pipelined"])
async def test_a_client_that_does_not_read_is_disconnected(schema: Schema, request_line: bytes) -> None:
    async with served(schema, SHORT, ROUTES) as at, connected(at, request_line, window=4_096):
        await until(lambda: bool(at.server.server_state.connections))
        assert await emptied(at)
    assert at.limits == ["WRITE_TIMEOUT"]


async def test_a_slowly_reading_client_gets_the_whole_response(schema: Schema) -> None:
    settings = HttpSettings(write_timeout=0.5, access_log=False)
    async with served(schema, settings, ROUTES) as at, connected(at, LARGE, window=65_536) as (reader, _):
        size, tail = 0, b""
        async with asyncio.timeout(30):
            while not tail.endswith(b"\r\n0\r\n\r\n"):
                chunk = await reader.read(65_536)
                assert chunk
                size, tail = size + len(chunk), (tail + chunk)[-7:]
                await asyncio.sleep(0.005)
    assert size > len(PIECE) * PIECES


async def test_pipelined_requests_are_limited(schema: Schema) -> None:
    settings = HttpSettings(max_pipelined=2, access_log=False)
    async with served(schema, settings) as at, connected(at, QUERY * 10) as (reader, _):
        answers = [await answer(reader) for _ in range(4)]
        assert await ended(reader)
    assert [orjson.loads(each.partition(b"\r\n\r\n")[2]).get("data") for each in answers[:3]] == [
        {"__typename": "Query"}
    ] * 3
    assert code(answers[3]) == (429, "RATE_LIMITED")
    assert at.limits == ["PIPELINED_REQUESTS"]
    assert b"retry-after: 5" in answers[3]


async def test_invalid_http_closes_the_connection_after_pending_responses(schema: Schema) -> None:
    sent = QUERY + QUERY + b"garbage\r\n\r\n"
    async with served(schema, HttpSettings(access_log=False)) as at, connected(at, sent) as (reader, _):
        answers = [await answer(reader) for _ in range(2)]
        assert await ended(reader)
    assert [each.split()[1] for each in answers] == [b"200", b"200"]


async def test_an_invalid_path_is_refused_after_other_requests(schema: Schema) -> None:
    async with served(schema, HttpSettings(access_log=False)) as at, connected(at, PROBE) as (reader, writer):
        await answer(reader)
        writer.write(b"GET http://[ HTTP/1.1\r\nhost: shop.test\r\n\r\n")
        assert code(await answer(reader)) == (400, "BAD_REQUEST")
        assert await ended(reader)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_request_with_connection_close_is_the_last(schema: Schema, loop: Any) -> None:
    last = QUERY.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    body = b'{"query":"{ __typename }"}'
    head = b"POST /graphql HTTP/1.1\r\nconnection: close\r\ncontent-type: application/json\r\n"
    post = head + b"content-length: %d\r\n\r\n" % len(body) + body

    async def answers() -> list[bytes]:
        async with served(schema, HttpSettings(access_log=False)) as at:
            found = []
            for sent in (last, post):
                async with connected(at, sent + QUERY * 2) as (reader, _):
                    found.append(await answer(reader))
                    assert await ended(reader)
            return found

    with asyncio.Runner(loop_factory=loop) as runner:
        assert [each[:12] for each in runner.run(answers())] == [b"HTTP/1.1 200"] * 2


async def test_connections_of_an_address_are_limited_except_probes(schema: Schema) -> None:
    settings = HttpSettings(max_connections_per_address=2, access_log=False)
    async with served(schema, settings) as at, connected(at) as (_, writer), connected(at):
        await until(lambda: len(at.server.server_state.connections) == 2)
        refused = await asked(at, QUERY)
        assert code(refused) == (429, "RATE_LIMITED")
        assert at.limits == ["MAX_CONNECTIONS_PER_ADDRESS"]
        assert {b"retry-after: 5", b"connection: close"} <= set(refused.lower().split(b"\r\n"))
        for request in (PROBE, PROBE.replace(b"healthz", b"readyz")):
            assert (await asked(at, request)).startswith(b"HTTP/1.1 200")
        assert (await asked(at, QUERY, source=THERE)).startswith(b"HTTP/1.1 200")
        writer.close()
        await until(lambda: len(at.server.server_state.connections) == 1)
        assert (await asked(at, QUERY)).startswith(b"HTTP/1.1 200")


async def test_a_full_server_refuses_requests_and_answers_probes(schema: Schema) -> None:
    async with served(schema, HttpSettings(max_connections=1, access_log=False)) as at, connected(at):
        await until(lambda: len(at.server.server_state.connections) == 1)
        refused = await asked(at, QUERY, source=THERE)
        assert code(refused) == (503, "UNAVAILABLE")
        assert at.limits == ["MAX_CONNECTIONS"]
        assert b"retry-after: 5" in refused
        assert (await asked(at, PROBE, source=THERE)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("request_line", [PROBE, QUERY])
async def test_a_connection_above_the_limit_closes_after_its_response(schema: Schema, request_line: bytes) -> None:
    async with served(schema, HttpSettings(max_connections=1, access_log=False)) as at, connected(at):
        await until(lambda: len(at.server.server_state.connections) == 1)
        async with connected(at, request_line, request_line) as (reader, _):
            await answer(reader)
            assert await ended(reader)


async def test_a_silent_reserved_connection_yields_to_a_probe(schema: Schema) -> None:
    settings = HttpSettings(max_connections=1, spare_connections=2, access_log=False)
    async with served(schema, settings) as at, connected(at), connected(at) as (silent, _):
        await until(lambda: len(at.server.server_state.connections) == 2)
        async with connected(at), connected(at, b"GET /heal"):
            assert await ended(silent)
            assert (await asked(at, PROBE)).startswith(b"HTTP/1.1 200")
            assert len(at.server.server_state.connections) <= 3


async def test_connections_of_a_trusted_proxy_are_not_counted(schema: Schema) -> None:
    settings = HttpSettings(
        max_connections_per_address=1, trusted_proxies=(ip_network("127.0.0.1/32"),), access_log=False
    )
    async with served(schema, settings) as at, connected(at), connected(at):
        await until(lambda: len(at.server.server_state.connections) == 2)
        assert (await asked(at, QUERY)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("offer", [b"h2c", b"websocket"])
async def test_an_upgrade_request_is_answered_in_http(
    schema: Schema, caplog: pytest.LogCaptureFixture, offer: bytes
) -> None:
    request = PROBE.replace(b"\r\n\r\n", b"\r\nconnection: upgrade\r\nupgrade: " + offer + b"\r\n\r\n")
    async with served(schema, HttpSettings(access_log=False)) as at, connected(at, request) as (reader, _):
        assert (await answer(reader)).startswith(b"HTTP/1.1 200")
        assert await ended(reader)
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []


OFFER = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n"
POST = b"POST /graphql HTTP/1.1\r\nhost: shop.test\r\ncontent-type: application/json\r\n" + OFFER
BODY = orjson.dumps({"query": "{ __typename }"})
CHUNKS = b"%x\r\n%b\r\n" % (9, BODY[:9]) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY) - 9, BODY[9:])


LENGTH = POST + b"content-length: %d\r\n\r\n%b" % (len(BODY), BODY)


@pytest.mark.parametrize(
    ("request_", "size"),
    [
        *((LENGTH, size) for size in (1, 7, 10_000)),
        *((POST + b"transfer-encoding: chunked\r\n\r\n" + CHUNKS, size) for size in (1, 7, 10_000)),
        (LENGTH + PROBE, 10_000),
    ],
)
async def test_a_request_with_a_body_that_offers_an_upgrade_is_answered_once(
    schema: Schema, request_: bytes, size: int
) -> None:
    parts = [request_[start : start + size] for start in range(0, len(request_), size)]
    async with served(schema, HttpSettings(access_log=False)) as at, connected(at) as (reader, writer):
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0)
        head, _, body = (await answer(reader)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in head
        assert orjson.loads(body)["data"] == {"__typename": "Query"}
        assert await ended(reader)


@pytest.mark.parametrize(
    ("framing", "body"), [(b"content-length: 0", b""), (b"transfer-encoding: chunked", b"zz\r\n")]
)
async def test_an_empty_or_malformed_body_behind_an_offer_of_an_upgrade_is_refused(
    schema: Schema, framing: bytes, body: bytes
) -> None:
    request = POST + framing + b"\r\n\r\n" + body
    async with served(schema, HttpSettings(access_log=False)) as at, connected(at, request) as (reader, _):
        assert code(await answer(reader)) == (400, "BAD_REQUEST")
        assert await ended(reader)


class CountedConnection:
    """A connection that is only counted."""

    def abort(self) -> None:
        raise AssertionError("there was a place for it")


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", TOO_MANY),
        ("2001:db8::1", "2001:db8:0:1::1", None),
        ("::ffff:192.0.2.1", "192.0.2.1", TOO_MANY),
        ("fe80::1%eth0", "fe80::2", TOO_MANY),
        ("192.0.2.1", "192.0.2.2", None),
        (None, None, TOO_MANY),
        ("::ffff:10.0.0.1", "10.0.0.1", None),
    ],
)
def test_addresses_are_counted_by_network(first: str | None, second: str | None, refusal: object) -> None:
    settings = HttpSettings(max_connections_per_address=1, trusted_proxies=(ip_network("10.0.0.0/8"),))
    connections, one, two = Connections(settings), CountedConnection(), CountedConnection()
    assert connections.admit(one, first) is None
    assert connections.admit(two, second) is refusal
    for _ in range(2):  # a connection that has ended is counted out once
        connections.release(one)
        connections.release(two)
    assert connections.admit(one, second) is None
    assert connections.admit(two, second) is (None if refusal is None and first == "::ffff:10.0.0.1" else TOO_MANY)


def test_a_flood_of_connections_is_one_log_line_in_ten_seconds() -> None:
    now = [0.0]
    connections = Connections(HttpSettings(max_connections=1), lambda: now[0])
    connections.admit(CountedConnection(), "192.0.2.1")
    with capture_logs() as lines:
        for at in (0.0, 1.0, 2.0, LOG_INTERVAL):
            now[0] = at
            connections.admit(CountedConnection(), "192.0.2.2")
    assert [(line["event"], line["kind"], line["code"], line["count"], line["ip"]) for line in lines] == [
        ("security", "throttling", FULL.code, 1, "192.0.2.2"),
        ("security", "throttling", FULL.code, 3, "192.0.2.2"),
    ]


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize(
    "sent",
    [
        SLOW + QUERY * 3,
        SLOW * 3,
        b"POST /graphql HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        SLOW + b"garbage\r\n\r\n",
        LARGE * 2,
    ],
    ids=["pipeline", "slow pipeline", "body", "garbage", "response"],
)
async def test_a_disconnecting_client_is_not_logged_as_an_error(
    schema: Schema, caplog: pytest.LogCaptureFixture, sent: bytes, reset: bool
) -> None:
    GATE.clear()
    caplog.set_level(logging.INFO)
    with capture_logs() as lines:
        async with served(schema, HttpSettings(), ROUTES) as at:
            async with connected(at, sent, window=4_096) as (_, writer):
                await until(lambda: bool(at.server.server_state.tasks))
                if reset:
                    linger: Any = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            GATE.set()
            assert await emptied(at)
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []
    assert {line["log_level"] for line in lines} == {"info"}
