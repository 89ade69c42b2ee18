"""Requests to URLs that users choose: to the public internet only, bounded in time and size, without redirects."""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httptools

from domains.kernel.values.public_addresses import HTTPS_PORT, is_public_address, is_public_url

CONNECT_SECONDS: Final = 3.0
HEAD_SECONDS: Final = 8.0  # until the head of the answer is there, from the beginning
BODY_SECONDS: Final = 2.0  # for the body from then on, so that a request takes ten seconds at most
MAX_HEAD: Final = 16_384
MAX_BODY: Final = 65_536
CHUNK: Final = 16_384
CLOSE_SECONDS: Final = 0.5
TRIED_ADDRESSES: Final = 3


class RequestNotSent(Exception):
    """There was no answer. `code` says why, in a word, and has nothing of the address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """An answer: names of headers in lower case, and at most 64 KiB of the body as it was sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class PublicHttp:
    """Sends requests by HTTP/1.1, each on a connection of its own, never through a proxy.

    The name is resolved once, and the connection goes to an address that was checked, so that a name that resolves
    to a private address later leads nowhere else. Ports are 443 and those from 1024 on: the others belong to services
    that speak no HTTP. `allows_private` also allows http and private addresses, for development and tests.
    """

    def __init__(self, *, allows_private: bool = False, tls: ssl.SSLContext | None = None) -> None:
        self._allows_private = allows_private
        self._tls = tls or ssl.create_default_context()

    def is_allowed(self, url: str) -> bool:
        """Whether a URL is one to which requests may go, as far as it shows without resolving its name."""
        return is_public_url(url, allows_private=self._allows_private)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> PublicAnswer:
        """Send a request and read its answer. Raises RequestNotSent.

        An answer counts from its head on: what follows is cut after 64 KiB or two seconds.
        """
        if not self.is_allowed(url):
            raise RequestNotSent("ADDRESS_REFUSED")
        parts = urlsplit(url)
        request, writer = _request(parts, headers, body), None
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                reader, writer = await self._connect(parts)
                writer.write(request)
                await writer.drain()
                received = await _head(reader)
            await _read_body(reader, received)
            return PublicAnswer(received.status, dict(received.headers), bytes(received.body))
        except TimeoutError as error:
            raise RequestNotSent("TIMEOUT") from error
        except ssl.SSLError as error:
            raise RequestNotSent("TLS_FAILED") from error
        except OSError as error:
            raise RequestNotSent("CONNECTION_LOST") from error
        finally:
            if writer is not None:
                await _close(writer)

    async def _connect(self, parts: SplitResult) -> "tuple[asyncio.StreamReader, asyncio.StreamWriter]":
        host, tls = parts.hostname or "", self._tls if parts.scheme == "https" else None
        port = parts.port or (HTTPS_PORT if tls else 80)
        failure = RequestNotSent("CONNECTION_FAILED")
        async with asyncio.timeout(CONNECT_SECONDS):
            for address in (await self._addresses(host, port))[:TRIED_ADDRESSES]:
                try:
                    name = host.rstrip(".") if tls else None
                    return await asyncio.open_connection(address, port, ssl=tls, server_hostname=name, limit=MAX_HEAD)
                except ssl.SSLError:
                    failure = RequestNotSent("TLS_FAILED")
                except OSError:
                    failure = RequestNotSent("CONNECTION_FAILED")
        raise failure

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        """The checked addresses of a host. Raises RequestNotSent when there is none."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise RequestNotSent("NAME_NOT_FOUND") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        allowed = [each for each in addresses if self._allows_private or _is_public(each)]
        if not allowed:
            raise RequestNotSent("ADDRESS_REFUSED")
        return allowed


def _is_public(text: str) -> bool:
    with suppress(ValueError):
        return is_public_address(ip_address(text))
    return False


def _request(parts: SplitResult, headers: Mapping[str, str], body: bytes) -> bytes:
    host = parts.netloc.rpartition("@")[2]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {
        "host": host,
        **headers,
        "content-length": str(len(body)),
        "accept-encoding": "identity",
        "connection": "close",
    }
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    if not all(map(_is_line, lines)):
        raise RequestNotSent("REQUEST_MALFORMED")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _is_line(line: str) -> bool:
    return line.isascii() and line.isprintable()


class _Received:
    """What a parser has found in an answer; the interface is that of httptools."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.is_headed = False
        self.is_complete = False
        self.status = 0
        self.parser: Any = httptools.HttpResponseParser(self)

    def on_message_begin(self) -> None:
        if not self.is_headed:
            self.headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.is_headed:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if not self.is_headed:  # what follows a whole answer is no part of it
            self.status = self.parser.get_status_code()
            self.is_headed = self.status >= 200

    def on_body(self, body: bytes) -> None:
        if not self.is_complete:
            self.body += body[: MAX_BODY - len(self.body)]

    def on_message_complete(self) -> None:
        self.is_complete = self.is_headed


async def _head(reader: asyncio.StreamReader) -> _Received:
    """Read an answer until its head is complete, with what of its body came along."""
    received, size = _Received(), 0
    while not received.is_headed:
        chunk = await reader.read(CHUNK)
        size += len(chunk)
        if not _feed(received, chunk) and not received.is_headed:
            raise RequestNotSent("ANSWER_MALFORMED")
        if size > MAX_HEAD and not received.is_headed:
            raise RequestNotSent("ANSWER_TOO_LARGE")
    return received


async def _read_body(reader: asyncio.StreamReader, received: _Received) -> None:
    """Read the rest of an answer, of which chunked encoding may be longer than the body, as far as it comes."""
    size = 0
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(BODY_SECONDS):
            while not received.is_complete and len(received.body) < MAX_BODY and size < MAX_BODY * 2:
                chunk = await reader.read(CHUNK)
                size += len(chunk)
                if not _feed(received, chunk):
                    return


def _feed(received: _Received, chunk: bytes) -> bool:
    """Parse a part of an answer; whether more may follow."""
    if not chunk:
        return False
    try:
        received.parser.feed_data(chunk)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):  # an upgrade to another protocol: 101
        return False
    return True


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close a connection at once, without waiting for what the other side still sends."""
    writer.transport.abort()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await writer.wait_closed()
