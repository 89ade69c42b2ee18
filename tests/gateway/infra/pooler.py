"""A minimal connection pooler in transaction mode: one server process for all clients."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

AUTHENTICATION_OK = b"R" + struct.pack("!ii", 8, 0)
SSL_REQUEST = 80877103
IDLE = b"I"
READY, TERMINATE = b"Z", b"X"


class Pooler:
    """Assigns its only server connection to the client that begins a transaction, until the transaction ends."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._turn = asyncio.Lock()
        self._greeting: bytes | None = None
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it disconnects."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            startup = await self._startup(reader, writer)
            async with self._turn:
                if self._greeting is None:
                    self._greeting = await self._open(startup)
            writer.write(AUTHENTICATION_OK + self._greeting)
            sent: asyncio.Queue[bytes] = asyncio.Queue()
            kept = asyncio.create_task(_keep(reader, sent))
            while message := await sent.get():
                await self._transaction(message, sent, writer)
            await kept
        writer.close()

    async def close(self) -> None:
        """End the server connection."""
        if self._greeting is not None:
            self._writer.close()

    async def _startup(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        while True:
            size = await reader.readexactly(4)
            body = await reader.readexactly(struct.unpack("!i", size)[0] - 4)
            if struct.unpack("!i", body[:4])[0] != SSL_REQUEST:
                return size + body
            writer.write(b"N")

    async def _open(self, startup: bytes) -> bytes:
        """The messages of the server after the authentication of the first client, which each client gets."""
        parts = urlsplit(self._url)
        host = parts.hostname or parse_qs(parts.query)["host"][0]
        if host.startswith("/"):
            path = f"{host}/.s.PGSQL.{parts.port or 5432}"
            self._reader, self._writer = await asyncio.open_unix_connection(path)
        else:
            self._reader, self._writer = await asyncio.open_connection(host, parts.port or 5432)
        self._writer.write(startup)
        greeting = b""
        while True:
            kind, message = await _message(self._reader)
            greeting += b"" if kind == b"R" else message
            if kind == READY:
                return greeting

    async def _transaction(self, first: bytes, sent: "asyncio.Queue[bytes]", writer: asyncio.StreamWriter) -> None:
        """Forward messages of a client to the server until no transaction is open."""
        async with self._turn:
            self._writer.write(first)
            answered = asyncio.create_task(self._answer(writer))
            while not answered.done():
                more = asyncio.create_task(sent.get())
                await asyncio.wait({answered, more}, return_when=asyncio.FIRST_COMPLETED)
                if not more.done():
                    more.cancel()
                elif message := more.result():
                    self._writer.write(message)
                else:  # the client disconnected during the transaction
                    self._writer.close()
                    answered.cancel()
                    return

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        """Forward messages of the server up to the end of the transaction."""
        while True:
            kind, message = await _message(self._reader)
            writer.write(message)
            if (kind, message[5:6]) == (READY, IDLE):
                return


async def _keep(reader: asyncio.StreamReader, sent: "asyncio.Queue[bytes]") -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            kind, message = await _message(reader)
            sent.put_nowait(b"" if kind == TERMINATE else message)
    sent.put_nowait(b"")


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)


@asynccontextmanager
async def pooled(url: str) -> AsyncIterator[str]:
    """The URL of a pooler in front of the database of a URL."""
    pooler = Pooler(url)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = await asyncio.start_server(pooler.serve, sock=listening)
        parts = urlsplit(url)
        port = listening.getsockname()[1]
        try:
            yield f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable"
        finally:
            await pooler.close()
            server.close()
