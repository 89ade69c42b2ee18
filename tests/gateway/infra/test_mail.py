"""Transports of mail: a local file, and SMTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.infra.mail import FileTransport, Mail, MailDeferred, MailRefused, SmtpTransport, transport_of
from gateway.settings import Settings

OK: Final = b"250 ok"
GREETING, CONTENT = b"greeting", b"content"
LOGIN: Final = b"250-mail.test\r\n250 AUTH PLAIN"


class MailServer:
    """The part of RFC 5321 that a client needs to deliver one mail. `replies` are other replies by command."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.recipients: list[str] = []
        self.commands: list[bytes] = []
        self.replies: dict[bytes, bytes] = {}
        self.takes_unicode = False
        self.pause = 0.0
        self.slow: bytes | None = None
        self.connections = 0
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await self._reply(writer, GREETING, b"220 ready")
        while line := await reader.readline():
            command = line[:4].upper().strip()
            self.commands.append(command)
            await self._reply(writer, command, self._answer(command, line))
            if command == b"DATA" and command not in self.replies:
                mail = (await reader.readuntil(b"\r\n.\r\n")).decode()
                if self.replies.get(CONTENT, OK)[:1] == b"2":
                    self.mails.append(mail)
                await self._reply(writer, CONTENT, b"250 taken")
            if command == b"QUIT":
                break
        writer.close()

    def _answer(self, command: bytes, line: bytes) -> bytes:
        if command == b"EHLO" and self.takes_unicode:
            return b"250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8"
        if command == b"RCPT" and b"<grey" in line:
            return b"450 later"
        if command == b"RCPT":
            self.recipients.append(line.decode().strip().removeprefix("RCPT TO:"))
        return {b"AUTH": b"235 ok", b"DATA": b"354 go on", b"QUIT": b"221 bye"}.get(command, OK)

    async def _reply(self, writer: asyncio.StreamWriter, command: bytes, usual: bytes) -> None:
        await asyncio.sleep(0.6 if command == self.slow else self.pause)
        if reply := self.replies.get(command, usual):
            writer.write(reply + b"\r\n")


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    made = MailServer()
    listening = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()


def transport_to(server: MailServer, **given: Any) -> SmtpTransport:
    fields = {"smtp_security": "none", "mail_from": "Tea <t@e.a>"} | given
    transport = transport_of(Settings(smtp_host="127.0.0.1", smtp_port=server.port, **fields))
    assert isinstance(transport, SmtpTransport)
    return transport


@pytest.fixture
def smtp(server: MailServer) -> SmtpTransport:
    return transport_to(server)


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


COMMANDS: Final = [GREETING, b"EHLO", b"AUTH", b"MAIL", b"RCPT", b"DATA", CONTENT]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("code", ["421", "451", "452", "-12", "what"])
async def test_a_transient_reply_defers_the_mail(server: MailServer, command: bytes, code: str) -> None:
    server.replies = {b"EHLO": LOGIN, b"HELO": b"451 later", command: f"{code} later".encode()}
    with pytest.raises(MailDeferred):
        await transport_to(server, smtp_user="shop", smtp_password="secret").deliver(mail())
    assert server.mails == []


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (GREETING, "554 no service"),
        (b"EHLO", "550 host refused"),
        (b"AUTH", "535 5.7.8 wrong password"),
        (b"AUTH", "504 unknown mechanism"),
        (b"MAIL", "550 sender refused"),
        (b"MAIL", "553 5.1.8 unknown domain"),
        (b"RCPT", "530 authentication required"),
        (b"RCPT", "554 5.7.1 relay access denied"),
        (b"RCPT", "550 5.1.8 sender address rejected"),
    ],
)
async def test_a_refusal_of_the_shop_defers_the_mail(server: MailServer, command: bytes, reply: str) -> None:
    server.replies = {b"EHLO": LOGIN, b"HELO": b"550 host refused", command: reply.encode()}
    with pytest.raises(MailDeferred, match=reply[:3]):
        await transport_to(server, smtp_user="shop", smtp_password="secret").deliver(mail())
    assert server.mails == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_without_tls_defers_the_mail(server: MailServer, security: str) -> None:
    with pytest.raises(MailDeferred):
        await transport_to(server, smtp_security=security).deliver(mail())
    assert b"MAIL" not in server.commands


async def test_a_server_without_logins_defers_the_mail(server: MailServer) -> None:
    with pytest.raises(MailDeferred):
        await transport_to(server, smtp_user="shop", smtp_password="secret").deliver(mail())
    assert b"MAIL" not in server.commands


async def test_a_greylisted_recipient_defers_the_mail(smtp: SmtpTransport) -> None:
    with pytest.raises(MailDeferred, match="450"):
        await smtp.deliver(mail("grey@example.com"))


@pytest.mark.parametrize(
    ("command", "reply", "codes"),
    [
        (b"RCPT", "550 ann@example.com is unknown", "550"),
        (b"RCPT", "550 5.1.1 <ann@example.com> is unknown", "550 5.1.1"),
        (b"DATA", "554 no valid recipients", "554"),
        (CONTENT, "552 too large", "552"),
        (CONTENT, "554 5.7.1 spam", "554 5.7.1"),
    ],
)
async def test_a_permanent_reply_to_recipient_or_content_refuses_the_mail(
    server: MailServer, smtp: SmtpTransport, command: bytes, reply: str, codes: str
) -> None:
    server.replies = {command: reply.encode()}
    with pytest.raises(MailRefused) as caught:
        await smtp.deliver(mail())
    assert (str(caught.value), server.mails) == (codes, [])


@pytest.mark.parametrize("reply", [b"", b"421 bye", b"500 what"])
async def test_a_mail_that_the_server_has_taken_is_delivered_however_it_says_goodbye(
    server: MailServer, smtp: SmtpTransport, reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.infra.mail.QUIT_SECONDS", 0.1)
    server.replies = {b"QUIT": reply}
    await smtp.deliver(mail())
    assert len(server.mails) == 1


async def test_a_server_that_answers_each_command_slowly_defers_the_mail(
    server: MailServer, smtp: SmtpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.infra.mail.DELIVERY_SECONDS", 0.5)
    server.pause = 0.2
    with pytest.raises(MailDeferred, match="TimeoutError"):
        await smtp.deliver(mail())
    assert (server.mails, b"EHLO" in server.commands) == ([], True)


async def test_a_server_that_checks_the_content_slowly_takes_the_mail_once(
    server: MailServer, smtp: SmtpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.infra.mail.CONNECT_SECONDS", 0.3)
    server.slow = CONTENT
    await smtp.deliver(mail())
    assert len(server.mails) == 1


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


async def test_an_internationalized_sender_without_server_support_defers_the_mail(server: MailServer) -> None:
    with pytest.raises(MailDeferred, match="SMTPUTF8"):
        await transport_to(server, mail_from="Tee <tee@bücher.example>").deliver(mail())
    assert server.mails == []


async def test_a_subject_with_encoded_words_is_sent_literally(server: MailServer, smtp: SmtpTransport) -> None:
    await smtp.deliver(mail(subject="=?utf-8?q?A=0aBcc: eve@example.com?= Shop"))
    head = server.mails[0].partition("\r\n\r\n")[0]
    assert "Subject: = ?utf-8?q?A=0aBcc: eve@example.com?= Shop" in head
    assert "\r\nBcc:" not in head
