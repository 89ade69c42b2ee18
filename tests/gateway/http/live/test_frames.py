"""Frames of WebSockets: malformed, large, in parts and control frames, with bounded memory."""

import asyncio
import struct
import tracemalloc
from dataclasses import replace

import pytest

from gateway.graphql.core.schema import Schema
from gateway.http.live.protocol import PART, Handshake
from tests.gateway.http.live.peers import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    QUERY,
    SETTINGS,
    TEXT,
    frame,
    live_shop,
    subscribe,
    text,
)

MAXIMUM = SETTINGS.max_live_message
PINGED = b'{"type":"ping"}'
CLIENT = 1_000_000  # octets that a test's own client and server may take beside the message


@pytest.mark.parametrize(
    "octets",
    [
        frame(3),
        frame(11),
        frame(TEXT, PINGED, mask=None),
        frame(CONTINUATION, PINGED),
        frame(TEXT, b"{", is_last=False) + frame(TEXT, PINGED),
        frame(PING, b"", is_last=False),
        frame(PING, b"x" * 126),
        frame(CLOSE, b"x"),
        frame(CLOSE, struct.pack("!H", 1005)),
        bytes([0x80 | 0x40 | TEXT, 0x80, 0, 0, 0, 0]),  # RSV1: compressed
    ],
)
async def test_malformed_frames_are_a_protocol_error(schema: Schema, octets: bytes) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        peer.raw(octets)
        assert (await peer.closed())[0] == 1002
        assert await shop.emptied()


@pytest.mark.parametrize(
    "octets",
    [
        frame(TEXT, b"\xff\xfe"),
        frame(TEXT, b'{"type":"ping","payload":{"a":"\xc3"}}'),
        frame(TEXT, b"\xed\xa0\x80"),
        frame(TEXT, b"\xc3", is_last=False) + frame(CONTINUATION, b"\x28"),
        frame(TEXT, b"\xff") + text({"type": "ping"}),
    ],
)
async def test_a_text_that_is_not_utf_8_is_invalid_data(
    schema: Schema, octets: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.raw(octets)
        assert await peer.closed() == (1007, "A text message is not encoded in UTF-8.")
        assert await shop.emptied()
    assert caplog.records == []


async def test_a_character_may_be_cut_by_the_parts_of_a_message(schema: Schema) -> None:
    whole = '{"type":"ping","payload":{"a":"ü"}}'.encode()
    cut = whole.index(b"\xbc")
    async with live_shop(schema) as shop, shop.connected() as peer:
        peer.raw(frame(TEXT, whole[:cut], is_last=False) + frame(CONTINUATION, whole[cut:]))
        assert await peer.receive() == {"type": "pong", "payload": {"a": "ü"}}


async def test_a_message_of_the_highest_size_is_read(schema: Schema) -> None:
    padding = "x" * (MAXIMUM - len('{"type":"ping","payload":{"a":""}}'))
    async with live_shop(schema) as shop, shop.connected() as peer:
        peer.raw(text({"type": "ping", "payload": {"a": padding}}))
        assert (await peer.receive())["payload"] == {"a": padding}


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("size", [MAXIMUM + 1, 10_000_000])
async def test_a_larger_frame_is_refused_before_it_arrives(schema: Schema, opcode: int, size: int) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        peer.raw(struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size) + b"\0\0\0\0")
        assert (await peer.closed())[0] == 1009
        assert await shop.emptied()


async def test_ten_megabytes_are_not_kept(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        payload = frame(TEXT, b"x" * 10_000_000)
        tracemalloc.start()
        try:
            for start in range(0, len(payload), MAXIMUM):
                peer.writer.write(payload[start : start + MAXIMUM])
                await asyncio.sleep(0.001)
            assert await peer.gone() in (True, False)
            assert tracemalloc.get_traced_memory()[1] < 2 * MAXIMUM + CLIENT
        finally:
            tracemalloc.stop()
        assert await shop.emptied()


async def test_a_message_in_parts_has_the_same_limit(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.raw(frame(TEXT, b"x", is_last=False))
        peer.raw(frame(CONTINUATION, b"x" * MAXIMUM, is_last=False))
        assert (await peer.closed())[0] == 1009


@pytest.mark.parametrize("part", [b"", b" "], ids=["empty", "one octet"])
async def test_many_parts_of_a_message_take_no_more_memory_than_their_data(schema: Schema, part: bytes) -> None:
    parts = frame(CONTINUATION, part, is_last=False) * 1_000
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.raw(frame(TEXT, PINGED, is_last=False))
        tracemalloc.start()
        try:
            for _ in range(100):
                peer.raw(parts)
                await peer.writer.drain()
            peer.raw(frame(PING))
            assert await peer.frame() == (PONG, b"")
            assert tracemalloc.get_traced_memory()[0] < 100 * 1_000 + CLIENT
        finally:
            tracemalloc.stop()
        peer.raw(frame(CONTINUATION))
        assert await peer.receive() == {"type": "pong"}


async def test_control_frames_may_stand_between_the_parts_of_a_message(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        peer.raw(frame(TEXT, PINGED[:5], is_last=False) + frame(PING, b"between") + frame(PONG, b"unasked"))
        peer.raw(frame(CONTINUATION, PINGED[5:]))
        assert await peer.frame() == (PONG, b"between")
        assert await peer.receive() == {"type": "pong"}


async def test_a_message_may_arrive_slowly(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        for octet in text(subscribe(QUERY)):
            peer.raw(bytes([octet]))
            await peer.writer.drain()
        assert (await peer.receive())["payload"]["data"] == {"__typename": "Query"}


async def test_a_message_that_stays_incomplete_does_not_extend_the_time_to_initialise(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, init_timeout=0.05)) as shop, shop.connected() as peer:
        peer.raw(frame(TEXT, PINGED, is_last=False))
        assert (await peer.closed())[0] == 4408


async def test_frames_behind_a_close_are_ignored(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.raw(
            frame(CLOSE, struct.pack("!H", 1000)) + text(subscribe("mutation { thingSend { errors { code } } }"))
        )
        assert (await peer.closed())[0] == 1000
        assert await shop.emptied()
        assert shop.toys.db.log == []


async def test_frames_behind_a_malformed_message_are_ignored(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.raw(text("nonsense") + text(subscribe("mutation { thingSend { errors { code } } }")))
        assert (await peer.closed())[0] == 4400
        assert await shop.emptied()
        assert shop.toys.db.log == []


async def test_a_close_without_a_code_is_answered(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        peer.raw(frame(CLOSE))
        assert await peer.frame() == (CLOSE, b"")
        assert await shop.emptied()


async def test_what_arrives_at_once_is_parsed_part_by_part_and_in_order(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed, receive = [], Handshake.receive_data

    def record(conn: Handshake, data: bytes) -> None:
        parsed.append(len(data))
        receive(conn, data)

    monkeypatch.setattr(Handshake, "receive_data", record)
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        pongs, pings = (
            frame(TEXT, b'{"type":"pong"}') * 5_000,
            [{"type": "ping", "payload": {"n": n}} for n in (1, 2)],
        )
        peer.raw(pongs + text(pings[0]) + frame(PONG) * 10_000 + text(pings[1]))
        answers = [await peer.receive() for _ in pings]
    assert answers == [{**ping, "type": "pong"} for ping in pings]
    assert sum(parsed) > len(pongs)
    assert max(parsed) <= PART
