"""Head and body of a response are sent by one system call, in the order of the requests."""

import asyncio
from typing import Any, cast

import pytest

from gateway.graphql.core.schema import Schema
from gateway.http.joined_writes import JoinedWrites
from gateway.http.settings import HttpSettings
from tests.gateway.servers import served

QUERY = b"GET /graphql?query={__typename} HTTP/1.1\r\nhost: shop.test\r\n\r\n"
HEAD = QUERY.replace(b"GET", b"HEAD")


class Recorded(asyncio.Transport):
    """A transport that records its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, bytes]] = []

    def write(self, data: Any) -> None:
        self.calls.append(("write", bytes(data)))

    def writelines(self, list_of_data: Any) -> None:
        self.calls.append(("writelines", b"|".join(list_of_data)))

    def close(self) -> None:
        self.calls.append(("close", b""))

    def is_closing(self) -> bool:
        return ("close", b"") in self.calls


def joined() -> tuple[JoinedWrites, list[tuple[str, bytes]]]:
    transport = Recorded()
    return JoinedWrites(transport, asyncio.get_running_loop()), transport.calls


async def test_a_head_and_its_body_are_one_write() -> None:
    writes, calls = joined()
    for data in (b"head", b"body", b"next head", b"next body"):
        writes.write(data)
    await asyncio.sleep(0)
    assert calls == [("writelines", b"head|body"), ("writelines", b"next head|next body")]


@pytest.mark.parametrize("data", [b"head", bytearray(b"head")])
async def test_a_single_write_is_sent_in_the_same_turn_of_the_event_loop(data: bytes) -> None:
    writes, calls = joined()
    writes.write(data)
    assert calls == []
    await asyncio.sleep(0)
    writes.write(b"")
    await asyncio.sleep(0)
    assert calls == [("write", b"head")]


async def test_what_is_kept_is_sent_before_the_connection_closes() -> None:
    writes, calls = joined()
    writes.write(b"head")
    writes.close()
    assert writes.is_closing()
    await asyncio.sleep(0)
    assert calls == [("write", b"head"), ("close", b"")]


async def test_responses_without_a_body_keep_their_place_among_others(schema: Schema) -> None:
    async with served(schema, HttpSettings(access_log=False)) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(HEAD + QUERY + HEAD + HEAD + QUERY.replace(b"host", b"connection: close\r\nhost"))
        async with asyncio.timeout(5):
            received = await reader.read()
        writer.close()
    statuses = [part.split(b" ", 1)[0] for part in received.split(b"HTTP/1.1 ")[1:]]
    bodies = [b"__typename" in part for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"405", b"200", b"405", b"405", b"200"]
    assert bodies == [False, True, False, False, True]


async def test_a_response_takes_one_system_call(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    original = JoinedWrites.__init__

    def recording(self: Any, transport: Any, loop: Any) -> None:
        class Counted:
            def __getattr__(self, name: str) -> Any:
                calls.append(name)
                return getattr(transport, name)

        original(self, cast("Any", Counted()), loop)

    monkeypatch.setattr(JoinedWrites, "__init__", recording)
    async with served(schema, HttpSettings(access_log=False)) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(QUERY)
        async with asyncio.timeout(5):
            await reader.readuntil(b"__typename")
        writer.close()
    assert [name for name in calls if name.startswith("write")] == ["writelines"]
