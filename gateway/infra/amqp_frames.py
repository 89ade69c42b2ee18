"""Frames of a connection to RabbitMQ: properties that the AMQP library cannot decode are replaced.

Such properties, which anyone who may publish can set, would otherwise end the connection, and end it again with each
delivery of the message.
"""

import struct
from typing import Any, Final

import pamqp.frame
from aio_pika import Connection
from aiormq.connection import TCPTransportFactory, TLSTransportFactory, TransportFactory
from pamqp.commands import Basic
from pamqp.header import ContentHeader

UNDECODABLE: Final = "x-undecodable-properties"
"""The only header of a message whose properties were replaced."""
FRAME_HEADER: Final = struct.Struct(">BHI")  # type, channel, size of the payload
METHOD, HEADER = 1, 2
# The position of exchange and routing key in the payload of the methods that deliver a message, after the tag of the
# consumer, which is this program's own.
AFTER_TAG: Final = 9
DELIVERY_MODES: Final = (None, 0, 1, 2)


class DecodableConnection(Connection):
    """A connection whose frames can all be decoded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        factory = TLSTransportFactory() if self.url.scheme == "amqps" else TCPTransportFactory()
        self.kwargs["transport_factory"] = DecodableTransport(factory)


class DecodableTransport(TransportFactory):
    """Opens the transports of another factory, and reads frames that can be decoded from them."""

    def __init__(self, factory: TransportFactory) -> None:
        self._factory = factory

    async def create(self, url: Any, **kwargs: Any) -> Any:
        """Open a transport. Raises as the other factory."""
        reader, writer = await self._factory.create(url, **kwargs)
        return FrameReader(reader), writer


class FrameReader:
    """Reads whole frames from a stream, and hands them out in the parts in which the library asks for them."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._rest = b""

    def at_eof(self) -> bool:
        """Whether the stream has ended."""
        return not self._rest and self._stream.at_eof()

    async def readexactly(self, count: int) -> bytes:
        """The next part of a frame. Raises asyncio.IncompleteReadError at the end of the stream."""
        if not self._rest:
            self._rest = await self._frame()
        part, self._rest = self._rest[:count], self._rest[count:]
        return part

    async def _frame(self) -> bytes:
        head: bytes = await self._stream.readexactly(FRAME_HEADER.size)
        if head.startswith(b"AMQP"):
            return head  # the server speaks another version, which the library refuses
        kind, _, size = FRAME_HEADER.unpack(head)
        frame: bytes = head + await self._stream.readexactly(size + 1)
        return decodable(frame) if kind in {METHOD, HEADER} else frame


def decodable(frame: bytes) -> bytes:
    """The frame itself, or one that the library can decode in its place.

    Properties are replaced by the header UNDECODABLE. In the names of exchange and routing key of a delivery, octets
    other than ASCII are replaced by question marks.
    """
    try:
        _, channel, content = pamqp.frame.unmarshal(frame)
    except Exception:  # noqa: BLE001 - not only its own: OverflowError, RecursionError
        return _replacement(frame)
    if isinstance(content, ContentHeader) and content.properties.delivery_mode not in DELIVERY_MODES:
        return _without_properties(channel, content.body_size)
    return frame


def _replacement(frame: bytes) -> bytes:
    kind, channel, _ = FRAME_HEADER.unpack_from(frame)
    payload = frame[FRAME_HEADER.size : -1]
    if kind == HEADER:
        return _without_properties(channel, struct.unpack_from(">Q", payload, 4)[0])
    (method,) = struct.unpack_from(">I", payload)
    if method == Basic.Deliver.index:
        return _with_ascii_names(frame, FRAME_HEADER.size + 4 + 1 + payload[4] + AFTER_TAG)
    if method == Basic.GetOk.index:
        return _with_ascii_names(frame, FRAME_HEADER.size + 4 + AFTER_TAG)
    return frame


def _without_properties(channel: int, body_size: int) -> bytes:
    properties = Basic.Properties(headers={UNDECODABLE: True})
    return pamqp.frame.marshal(ContentHeader(body_size=body_size, properties=properties), channel)


def _with_ascii_names(frame: bytes, start: int) -> bytes:
    """The frame with the two names at a position, each preceded by its length, in ASCII."""
    changed, at = bytearray(frame), start
    for _ in range(2):
        end = at + 1 + changed[at]
        changed[at + 1 : end] = changed[at + 1 : end].decode("ascii", "replace").replace("\ufffd", "?").encode()
        at = end
    return bytes(changed)
