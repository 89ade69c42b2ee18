"""Bodies of requests: one that has arrived is read at once, and one that does not arrive ends with 408."""

import asyncio
from types import SimpleNamespace

import orjson
import pytest

from gateway.graphql.core.schema import Schema
from gateway.http import body as bodies
from gateway.http.settings import HttpSettings
from tests.gateway.servers import answer, code, served

BODY = b'{"query":"{ __typename }"}'
HEAD = (
    b"POST /graphql HTTP/1.1\r\nhost: shop.test\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n" % len(BODY)
)


async def test_bodies_are_read_whole_in_any_parts_or_time_out(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[float] = []

    def timeout(seconds: float) -> asyncio.Timeout:
        timers.append(seconds)
        return asyncio.timeout(seconds)

    monkeypatch.setattr(bodies, "asyncio", SimpleNamespace(timeout=timeout))
    async with served(schema, HttpSettings(body_timeout=0.2, access_log=False)) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        for parts in ([HEAD + BODY], [HEAD, BODY], [HEAD + BODY[:5], BODY[5:] + HEAD + BODY[:7], BODY[7:]]):
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0.02)
        for _ in range(4):
            assert orjson.loads((await answer(reader)).partition(b"\r\n\r\n")[2])["data"] == {"__typename": "Query"}
        assert len(timers) == 3, "for those of which a part was missing when they were read"
        writer.write(HEAD + BODY[:5])
        assert code(await answer(reader)) == (408, "TIMEOUT")
        writer.close()
