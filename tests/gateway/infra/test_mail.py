"""Transports of mail: a local file, and SMTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.infra.mail import FileTransport, Mail, MailDeferred, MailRefused, SmtpTransport, transport_of
from gateway.settings import Settings


class MailServer:
    """The part of RFC 5321 that a client needs to deliver one mail."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.recipients: list[str] = []
        self.takes_unicode = False
        self.answers: list[bytes] = []
        self.connections = 0
        self.open = self.most_open = 0
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            word = line[:4].upper().strip()
            if word == b"MAIL" and self.answers:
                writer.write(self.answers.pop(0) + b"\r\n")
            elif word == b"EHLO" and self.takes_unicode:
                writer.write(b"250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif word == b"RCPT" and b"<grey" in line:
                writer.write(b"450 later\r\n")
            elif word == b"RCPT":
                self.recipients.append(line.decode().strip().removeprefix("RCPT TO:"))
                writer.write(b"250 ok\r\n")
            elif word == b"DATA":
                writer.write(b"354 go on\r\n")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                writer.write(b"250 taken\r\n")
            elif word == b"QUIT":
                self.open -= 1
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    made = MailServer()
    listening = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()


@pytest.fixture
def smtp(server: MailServer) -> SmtpTransport:
    settings = Settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none", mail_from="Tea <t@e.a>")
    transport = transport_of(settings)
    assert isinstance(transport, SmtpTransport)
    return transport


def mail(to: str = "ann@example.com", subject: str = "Your code") -> Mail:
    return Mail("018f", to, subject, "It is 123456.", datetime(2026, 11, 28, 12, tzinfo=UTC))


async def test_without_a_mail_server_mail_is_written_to_a_private_file(tmp_path: Path) -> None:
    transport = transport_of(Settings(commerce_home=tmp_path))
    assert isinstance(transport, FileTransport)
    for to in ("ann@example.com", "bob@example.com"):
        await transport.deliver(mail(to))
    lines = [json.loads(line) for line in transport.file.read_text().splitlines()]
    assert [(line["id"], line["to"], line["subject"], line["text"]) for line in lines] == [
        ("018f", "ann@example.com", "Your code", "It is 123456."),
        ("018f", "bob@example.com", "Your code", "It is 123456."),
    ]
    assert (transport.file.stat().st_mode & 0o777, transport.file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_a_file_that_cannot_be_written_defers_the_mail(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("")
    with pytest.raises(MailDeferred):
        await FileTransport(tmp_path / "outbox").deliver(mail())


async def test_mail_is_delivered_by_smtp(server: MailServer, smtp: SmtpTransport) -> None:
    await smtp.deliver(mail())
    assert len(server.mails) == 1
    for part in ("From: Tea <t@e.a>", "To: ann@example.com", "Subject: Your code", "It is 123456."):
        assert part in server.mails[0]
    assert "Message-ID: <018f@e.a>" in server.mails[0]
    assert "Date: Sat, 28 Nov 2026 12:00:00" in server.mails[0]


@pytest.mark.parametrize("reply", ["451 later", "421 later"])
async def test_a_transient_reply_defers_the_mail(server: MailServer, smtp: SmtpTransport, reply: str) -> None:
    server.answers = [reply.encode()]
    with pytest.raises(MailDeferred, match=reply[:3]):
        await smtp.deliver(mail())


async def test_a_greylisted_recipient_defers_the_mail(smtp: SmtpTransport) -> None:
    with pytest.raises(MailDeferred, match="450"):
        await smtp.deliver(mail("grey@example.com"))


async def test_a_permanent_reply_refuses_the_mail(server: MailServer, smtp: SmtpTransport) -> None:
    server.answers = [b"550 never"]
    with pytest.raises(MailRefused, match="550"):
        await smtp.deliver(mail())


async def test_an_unreachable_server_defers_the_mail() -> None:
    settings = Settings(smtp_host="127.0.0.1", smtp_port=9, smtp_security="none")
    with pytest.raises(MailDeferred):
        await SmtpTransport(settings).deliver(mail())


async def test_a_subject_cannot_contain_another_header(server: MailServer, smtp: SmtpTransport) -> None:
    with pytest.raises(MailRefused, match="linefeed"):
        await smtp.deliver(mail(subject="Hello\r\nBcc: all@example.com"))
    assert server.connections == 0


ENCODED = ["=?utf-8?q?r=65albox?=@example.com", "=?utf-8?q?a=40b?=@example.com", "=?utf-8?q?=0aBcc:x?=@example.com"]


@pytest.mark.parametrize("to", [*ENCODED, "a.=?utf-8?q?x?=@example.com", "ann@example.com\nBcc: e@f.gh", "ann"])
async def test_an_address_that_could_be_parsed_as_several_gets_no_mail(
    server: MailServer, smtp: SmtpTransport, to: str
) -> None:
    with pytest.raises(MailRefused, match="ambiguous") as caught:
        await smtp.deliver(mail(to))
    assert (server.connections, server.mails) == (0, [])
    assert "@" not in str(caught.value)


@pytest.mark.parametrize(
    ("to", "envelope"),
    [
        ("o'neill+tea@example.com", "<o'neill+tea@example.com>"),
        ("ada@bücher.example", "<ada@xn--bcher-kva.example>"),
        ("a!#$%&*/=^_`{|}~b@example.com", "<a!#$%&*/=^_`{|}~b@example.com>"),
    ],
)
async def test_mail_is_sent_only_to_the_named_mailbox(
    server: MailServer, smtp: SmtpTransport, to: str, envelope: str
) -> None:
    await smtp.deliver(mail(to))
    assert server.recipients == [envelope]
    assert f"To: {envelope.strip('<>')}\r\n" in server.mails[0]


async def test_an_internationalized_address_is_used_if_the_server_supports_it(
    server: MailServer, smtp: SmtpTransport
) -> None:
    server.takes_unicode = True
    await smtp.deliver(mail("élise@example.com"))
    assert [recipient.split()[0] for recipient in server.recipients] == ["<élise@example.com>"]
    assert "To: élise@example.com\r\n" in server.mails[0]


async def test_an_internationalized_address_fails_at_once_without_server_support(
    server: MailServer, smtp: SmtpTransport
) -> None:
    with pytest.raises(MailRefused, match="SMTPUTF8"):
        await smtp.deliver(mail("élise@example.com"))
    assert (server.connections, server.mails) == (1, [])


async def test_a_subject_with_encoded_words_is_sent_literally(server: MailServer, smtp: SmtpTransport) -> None:
    await smtp.deliver(mail(subject="=?utf-8?q?A=0aBcc: eve@example.com?= Shop"))
    head = server.mails[0].partition("\r\n\r\n")[0]
    assert "Subject: = ?utf-8?q?A=0aBcc: eve@example.com?= Shop" in head
    assert "\r\nBcc:" not in head
