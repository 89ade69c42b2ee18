"""A TCP proxy that cuts, stalls and refuses the connections to a server."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit, urlunsplit

PORTS = {"amqp": 5672, "postgresql": 5432, "redis": 6379}
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Forwards TCP connections to a server until it is told to stall or to cut them."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_refusing = False
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def of(cls, url: str) -> AsyncIterator[Self]:
        """A proxy of the server of a URL; `url` is the URL by way of the proxy."""
        parts = urlsplit(url)
        proxy = cls(parts.hostname or "127.0.0.1", parts.port or PORTS[parts.scheme])
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        user = parts.netloc.rpartition("@")[0]
        proxy.url = urlunsplit(parts._replace(netloc=f"{user}@{host}:{port}" if user else f"{host}:{port}"))
        try:
            yield proxy
        finally:
            server.close()
            proxy.cut()

    def stall(self) -> None:
        """Forward nothing; connections stay open."""
        self._flows.clear()

    def resume(self) -> None:
        """Forward again, also what arrived in between, and accept connections."""
        self._is_refusing = False
        self._flows.set()

    @property
    def is_used(self) -> bool:
        """Whether a connection is open."""
        return bool(self._writers)

    def cut(self) -> None:
        """Reset all connections."""
        for writer in self._writers:
            raw = writer.get_extra_info("socket")
            with suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            writer.transport.abort()
        self._writers.clear()
        self._flows.set()

    def refuse(self) -> None:
        """Reset all connections and every new one."""
        self._is_refusing = True
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_refusing:
            writer.transport.abort()
            return
        try:
            to_server = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, to_server[1]}
        await asyncio.gather(self._copy(reader, to_server[1]), self._copy(to_server[0], writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
