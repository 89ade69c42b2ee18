"""The gateway in a real uvicorn: large and slow bodies, persistent connections, graceful shutdown."""

import asyncio
from typing import Any

import orjson
import pytest

from gateway.graphql.core.schema import Schema
from gateway.http.settings import HttpSettings
from tests.gateway.servers import BODY, HEAD, answer, canary, code, served, until
from tests.gateway.toy_shop import GATE


async def test_a_slow_body_times_out_while_others_are_answered(schema: Schema) -> None:
    async with served(schema) as at:
        slow = asyncio.create_task(at.raw(HEAD + b"content-length: 100\r\n\r\n", b"{"))
        assert await canary(at)
        answer = await slow
    assert code(answer) == (408, "TIMEOUT")
    assert b"connection: close" in answer.lower()


async def test_a_declared_body_above_the_limit_is_refused_unread(schema: Schema) -> None:
    async with served(schema) as at:
        assert code(await at.raw(HEAD + b"content-length: 99999999999\r\n\r\n")) == (413, "PAYLOAD_TOO_LARGE")
        assert await canary(at)


async def test_an_undeclared_body_is_cut_off_at_the_limit(schema: Schema) -> None:
    chunk = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
    async with served(schema) as at:
        answer = await at.raw(HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk, chunk, chunk)
        assert await canary(at)
    assert code(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["maximum"] == 10_000


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST", HEAD, b"POST /graphql HTTP/1.1\r\nx-slow: "],
    ids=["nothing", "a word", "a head", "half a header"],
)
async def test_an_incomplete_head_times_out(schema: Schema, sent: bytes) -> None:
    async with served(schema) as at:
        slow = asyncio.create_task(at.raw(sent))
        assert await canary(at)
        assert code(await slow) == (408, "REQUEST_TIMEOUT")
        assert at.limits == ["REQUEST_TIMEOUT"]


async def test_an_incomplete_second_head_times_out(schema: Schema) -> None:
    whole = HEAD + f"content-length: {len(BODY)}\r\n\r\n".encode() + BODY
    async with served(schema) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(whole)
        await reader.readuntil(b"}}}")
        writer.write(b"POST /graphql HTTP/1.1\r\nx-slow: ")
        assert code(await reader.read()) == (408, "REQUEST_TIMEOUT")
        writer.close()
        await writer.wait_closed()


async def test_an_endless_head_is_cut_off(schema: Schema) -> None:
    async with served(schema, HttpSettings(max_head=1_000, access_log=False)) as at:
        header = b"x-long: " + b"a" * 900 + b"\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(b"POST /graphql HTTP/1.1\r\n" + header)
        answer = asyncio.create_task(reader.read())
        while not answer.done():
            writer.write(header)
            await asyncio.sleep(0.001)
        assert code(await answer) == (431, "REQUEST_HEADER_FIELDS_TOO_LARGE")
        assert at.limits == ["REQUEST_HEADER_FIELDS_TOO_LARGE"]
        writer.close()
        assert await canary(at)


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nbad header\r\n\r\n"])
async def test_invalid_http_is_refused_in_json(schema: Schema, sent: bytes) -> None:
    async with served(schema) as at:
        assert code(await at.raw(sent)) == (400, "BAD_REQUEST")
        assert await canary(at)


async def test_a_connection_is_kept_for_the_next_request(schema: Schema) -> None:
    async with served(schema) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        for _ in range(2):
            writer.write(HEAD + f"content-length: {len(BODY)}\r\n\r\n".encode() + BODY)
            received = await answer(reader)
            assert received.startswith(b"HTTP/1.1 200")
            assert b"\nserver:" not in received.lower()
        writer.close()
        await writer.wait_closed()


async def test_a_client_that_disconnects_does_not_affect_others(schema: Schema) -> None:
    async with served(schema) as at:
        _, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(HEAD + b"content-length: 100\r\n\r\n{")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert await canary(at)


async def test_a_slow_operation_times_out(schema: Schema) -> None:
    GATE.clear()
    slow = orjson.dumps({"query": "{ slow }"})
    async with served(schema) as at:
        answer = await at.raw(HEAD + f"content-length: {len(slow)}\r\n\r\n".encode() + slow)
        assert await canary(at)
    assert code(answer) == (503, "TIMEOUT")


async def test_a_request_in_progress_is_answered_before_the_server_stops(schema: Schema) -> None:
    GATE.clear()
    slow = orjson.dumps({"query": "{ slow }"})
    async with served(schema, HttpSettings(access_log=False)) as at:
        flight = asyncio.create_task(at.raw(HEAD + f"content-length: {len(slow)}\r\n\r\n".encode() + slow))
        await until(lambda: bool(at.server.server_state.tasks))
        at.server.should_exit = True
        await until(lambda: not at.server.servers[0].is_serving())
        assert not at.task.done()
        GATE.set()
        answer: Any = await flight
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["data"] == {"slow": "done"}
