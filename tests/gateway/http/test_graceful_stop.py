"""A server that stops: requests that clients have sent are answered, whatever the state of their connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.graphql.core.schema import Schema
from gateway.http.server import server_config
from gateway.http.settings import HttpSettings
from gateway.server import Server, bind, listen_on
from tests.gateway.conftest import make_api, make_app
from tests.gateway.servers import BODY, HEAD, answer, served, until
from tests.gateway.toy_shop import RecordingDatabase

SETTINGS = HttpSettings(access_log=False)
REQUEST = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("before", [b"", REQUEST])
async def test_a_request_on_an_idle_connection_is_answered_and_the_connection_closed(
    schema: Schema, before: bytes
) -> None:
    async with served(schema, SETTINGS) as running, connection(running.port) as (reader, writer):
        writer.write(before)
        if before:
            assert b"connection: close" not in await answer(reader)
        running.server.should_exit = True
        await until(lambda: not running.server.servers[0].is_serving())
        writer.write(REQUEST)
        response = await answer(reader)
        assert response.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in response
        assert await reader.read() == b""


async def test_a_connection_without_a_request_is_closed_without_an_answer(schema: Schema) -> None:
    async with served(schema, SETTINGS) as running, connection(running.port) as (reader, _):
        running.server.should_exit = True
        assert await reader.read() == b""
        await running.task


async def test_a_head_that_has_begun_to_arrive_may_be_completed(schema: Schema) -> None:
    async with served(schema, SETTINGS) as running, connection(running.port) as (reader, writer):
        writer.write(REQUEST[:20])
        running.server.should_exit = True
        await asyncio.sleep(1.2)  # longer than an idle connection stays open
        writer.write(REQUEST[20:])
        assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_is_connected_but_not_accepted_yet_is_answered(schema: Schema) -> None:
    app = make_app(make_api(schema, RecordingDatabase()), SETTINGS)
    server = Server(server_config(app, SETTINGS, lifespan="off"), lambda: None)
    with bind("127.0.0.1", 0) as listening:
        listen_on(listening)
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup([listening])
        with socket.create_connection(listening.getsockname()) as client:
            client.sendall(REQUEST)
            await server.shutdown([listening])  # before the event loop has accepted the client
            assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")
