"""Messages as other programs may publish them: with properties that this program never sets."""

import struct
from typing import Any, Final

import aio_pika
import pamqp.frame
from aiormq.abc import ChannelFrame
from pamqp.body import ContentBody
from pamqp.commands import Basic

HEADERS, DELIVERY_MODE, MESSAGE_ID, TIMESTAMP = 1 << 13, 1 << 12, 1 << 7, 1 << 6


def _table(fields: bytes) -> bytes:
    return struct.pack(">I", len(fields)) + fields


def _nested(depth: int) -> bytes:
    array = _table(b"")
    for _ in range(depth):
        array = _table(b"A" + array)
    return array


UNDECODABLE: Final[dict[str, tuple[int, bytes]]] = {
    "a timestamp beyond all calendars": (TIMESTAMP, b"\xff" * 8),
    "an id that is no UTF-8": (MESSAGE_ID, b"\x04\xff\xfe\xfd\xfc"),
    "a header whose name is no UTF-8": (HEADERS, _table(b"\x02\xff\xfet\x01")),
    "a header with a time beyond all calendars": (HEADERS, _table(b"\x01aT" + b"\xff" * 8)),
    "lists in lists": (HEADERS, _table(b"\x01aA" + _nested(2_000))),
}
"""Flags and octets of properties that the AMQP library cannot decode."""
UNKNOWN_MODE: Final = (DELIVERY_MODE, b"\x09")
"""Properties that it decodes, but makes no message of. RabbitMQ 3.10 refuses them."""


async def publish_raw(
    url: str, exchange: str, topic: str, properties: tuple[int, bytes], body: bytes = b"{}"
) -> None:
    """Publish a message with properties as octets. Returns when the server has read it."""
    flags, values = properties
    payload = struct.pack(">HHQH", Basic.frame_id, 0, len(body), flags) + values
    connection = await aio_pika.connect(url)
    async with connection, connection.channel(publisher_confirms=False) as channel:
        underlay: Any = await channel.get_underlay_channel()
        number = underlay.number
        frames = (
            pamqp.frame.marshal(Basic.Publish(exchange=exchange, routing_key=topic), number),
            struct.pack(">BHI", 2, number, len(payload)) + payload + b"\xce",
            pamqp.frame.marshal(ContentBody(body), number),
        )
        await underlay.write_queue.put(ChannelFrame(payload=b"".join(frames), should_close=False))
        await channel.set_qos(1)  # a call, whose answer comes after the message


async def publish_with_headers(url: str, queue: str, headers: dict[str, Any]) -> None:
    """Publish a message with headers of any types to a queue."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        message = aio_pika.Message(b"{}", message_id="foreign", headers=headers)
        await channel.default_exchange.publish(message, queue)
