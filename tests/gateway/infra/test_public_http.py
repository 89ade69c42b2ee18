"""Requests to URLs that users choose: only to the public internet, bounded in time and size."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvloop

from domains.kernel.values.public_addresses import is_public_host
from gateway.infra import public_http
from gateway.infra.public_http import MAX_BODY, PublicHttp, RequestNotSent
from tests.gateway.messaging.webhooks.receiver import Receiver, answer, receiving

LOCAL = PublicHttp(allows_private=True)
PUBLIC = PublicHttp()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",  # noqa: S104 - refused
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "100::1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "localhost.",
        "metadata.google.internal",
        "printer.local",
        "intranet",
    ],
)
def test_a_host_that_is_not_public_is_refused(host: str) -> None:
    assert not is_public_host(host)
    assert not PUBLIC.is_allowed(f"https://{f'[{host}]' if ':' in host else host}/hook")


@pytest.mark.parametrize(
    "host", ["example.com", "example.com.", "8.8.8.8", "2606:4700::1111", "xn--bcher-kva.example.org"]
)
def test_a_public_host_is_allowed(host: str) -> None:
    assert PUBLIC.is_allowed(f"https://{f'[{host}]' if ':' in host else host}:8443/hook")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://user:word@example.com/",
        "https://user@example.com/",
        "https://example.com:22/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com/\r\nx: y",
        "https://b\u00fccher.example/",
        "https:///hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://[::1",
        "",
    ],
)
def test_a_url_that_is_not_of_a_public_https_server_is_refused(url: str) -> None:
    assert not PUBLIC.is_allowed(url)


async def test_the_address_that_was_checked_is_the_one_that_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to a public address first and to a private one later leads to the public one."""
    resolved, connected = [["8.8.8.8"], ["127.0.0.1"]], []

    async def resolve(*_args: Any, **_options: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, 443)) for address in resolved.pop(0)]

    async def connect(host: str, port: int, **options: Any) -> Any:
        connected.append((host, port, options["server_hostname"]))
        raise OSError

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)
    monkeypatch.setattr(asyncio, "open_connection", connect)
    with pytest.raises(RequestNotSent, match="CONNECTION_FAILED"):
        await PUBLIC.post("https://rebinding.example.com/", {}, b"")
    assert connected == [("8.8.8.8", 443, "rebinding.example.com")]
    with pytest.raises(RequestNotSent, match="ADDRESS_REFUSED"):
        await PUBLIC.post("https://rebinding.example.com/", {}, b"")
    assert len(connected) == 1


async def test_a_request_is_sent_as_it_is_given(receiver: Receiver) -> None:
    receiver.answers = [answer(201, b"made", "X-Note: yes")]
    got = await LOCAL.post(receiver.url, {"x-own": "1"}, b"body")
    assert (got.status, got.body, got.headers["x-note"]) == (201, b"made", "yes")
    (request,) = receiver.requests
    assert (request.line, request.body) == ("POST /hook?source=shop HTTP/1.1", b"body")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert (request.headers["x-own"], request.headers["accept-encoding"]) == ("1", "identity")


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_requests_are_sent_in_the_event_loop_of_servers_too(loop: Any) -> None:
    async def send() -> tuple[int, bytes]:
        async with receiving() as receiver:
            got = await LOCAL.post(receiver.url, {}, b"body")
            return got.status, receiver.requests[0].body

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(send()) == (200, b"body")


async def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert (await LOCAL.post(receiver.url, {}, b"")).status == 200


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = [answer(302, b"", f"location: {receiver.url}")]
    assert (await LOCAL.post(receiver.url, {}, b"")).status == 302
    assert len(receiver.requests) == 1


async def test_an_endless_body_is_cut(receiver: Receiver) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-encoding: gzip\r\n\r\n")
        while True:
            writer.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
            await writer.drain()

    receiver.answers = [endless]
    got = await LOCAL.post(receiver.url, {}, b"")
    assert (got.status, len(got.body)) == (200, MAX_BODY)


async def test_a_slow_body_is_cut(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_http, "BODY_SECONDS", 0.2)

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    receiver.answers = [drip]
    started = time.monotonic()
    assert (await LOCAL.post(receiver.url, {}, b"")).status == 200
    assert time.monotonic() - started < 2


async def test_a_server_that_does_not_answer_is_left(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_http, "HEAD_SECONDS", 0.2)

    async def hang(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)

    receiver.answers = [hang]
    with pytest.raises(RequestNotSent, match="TIMEOUT"):
        await LOCAL.post(receiver.url, {}, b"")


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"not http\r\n\r\n", "ANSWER_MALFORMED"),
        (b"", "ANSWER_MALFORMED"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000, "ANSWER_TOO_LARGE"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000, "ANSWER_TOO_LARGE"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nx",
            "ANSWER_MALFORMED",
        ),
    ],
)
async def test_a_malformed_answer_is_refused(receiver: Receiver, octets: bytes, code: str) -> None:
    receiver.answers = [octets]
    with pytest.raises(RequestNotSent, match=code):
        await LOCAL.post(receiver.url, {}, b"")


async def test_an_answer_after_a_continue_counts(receiver: Receiver) -> None:
    receiver.answers = [b"HTTP/1.1 100 Continue\r\n\r\n" + answer(204)]
    assert (await LOCAL.post(receiver.url, {}, b"")).status == 204


async def test_what_follows_an_answer_is_not_read(receiver: Receiver) -> None:
    receiver.answers = [answer(200, b"one", "x-note: first") + answer(410, b"two", "x-note: second")]
    got = await LOCAL.post(receiver.url, {}, b"")
    assert (got.status, got.headers["x-note"], got.body) == (200, "first", b"one")


async def test_a_port_without_a_server_is_no_answer(unused_tcp_port: int) -> None:
    with pytest.raises(RequestNotSent, match="CONNECTION_FAILED"):
        await LOCAL.post(f"http://127.0.0.1:{unused_tcp_port}/", {}, b"")


async def test_a_header_cannot_add_lines(receiver: Receiver) -> None:
    with pytest.raises(RequestNotSent, match="REQUEST_MALFORMED"):
        await LOCAL.post(receiver.url, {"x": "1\r\nhost: other"}, b"")
    assert receiver.requests == []
