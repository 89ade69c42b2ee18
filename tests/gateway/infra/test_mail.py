"""Mail: a local file, or delivery by SMTP in the background with a limited number of attempts."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from domains.kernel.clock import SystemClock
from gateway.infra import mail
from gateway.infra.mail import ATTEMPTS, DELIVERIES, MailQueueFull, OutboxMailer, SmtpMailer, mailer
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
async def smtp(server: MailServer) -> AsyncIterator[SmtpMailer]:
    settings = Settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none", mail_from="Tea <t@e.a>")
    made = SmtpMailer(settings, SystemClock(), pause=0)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def patient(smtp: SmtpMailer) -> AsyncIterator[SmtpMailer]:
    """A mailer that waits for an hour before it retries."""
    made = SmtpMailer(smtp._settings, SystemClock(), pause=3_600)
    yield made
    for task in made._waiting:
        task.cancel()


async def send(made: SmtpMailer | OutboxMailer, to: str = "ann@example.com") -> None:
    await made.send(to=to, subject="Your code", text="It is 123456.")


async def delivered(made: SmtpMailer) -> None:
    async with asyncio.timeout(5):
        await asyncio.gather(*made._waiting)


async def test_without_a_mail_server_mail_is_written_to_a_private_file(tmp_path: Path) -> None:
    made = mailer(Settings(commerce_home=tmp_path), SystemClock())
    assert isinstance(made, OutboxMailer)
    with structlog.testing.capture_logs() as logs:
        await send(made)
        await send(made, "bob@example.com")
    lines = [json.loads(line) for line in made.file.read_text().splitlines()]
    assert [(line["to"], line["subject"], line["text"]) for line in lines] == [
        ("ann@example.com", "Your code", "It is 123456."),
        ("bob@example.com", "Your code", "It is 123456."),
    ]
    assert (made.file.stat().st_mode & 0o777, made.file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [entry["event"] for entry in logs] == ["mail written", "mail written"]
    assert "123456" not in str(logs)
    assert "ann@example.com" not in str(logs)


async def test_mail_is_delivered_by_smtp(server: MailServer, smtp: SmtpMailer) -> None:
    await send(smtp)
    await delivered(smtp)
    assert len(server.mails) == 1
    for part in ("From: Tea <t@e.a>", "To: ann@example.com", "Subject: Your code", "It is 123456.", "@e.a>"):
        assert part in server.mails[0]


async def test_sending_does_not_wait_for_the_mail_server(server: MailServer, smtp: SmtpMailer) -> None:
    async with asyncio.timeout(0.05):
        await send(smtp)
    assert (server.mails, len(smtp._waiting)) == ([], 1)


async def test_queued_mails_are_limited(monkeypatch: pytest.MonkeyPatch, smtp: SmtpMailer) -> None:
    monkeypatch.setattr(mail, "QUEUE_LENGTH", 1)
    await send(smtp)
    with pytest.raises(MailQueueFull, match="1 mails are queued for 127"):
        await send(smtp)


async def test_a_deferred_mail_does_not_delay_others(server: MailServer, patient: SmtpMailer) -> None:
    for number in range(DELIVERIES + 1):
        await send(patient, f"grey{number}@example.com")
    await send(patient)
    done, left = await asyncio.wait(patient._waiting, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert (len(done), len(left)) == (1, DELIVERIES + 1)
    assert "To: ann@example.com" in server.mails[0]


async def test_a_limited_number_of_mails_is_delivered_in_parallel(server: MailServer, smtp: SmtpMailer) -> None:
    for _ in range(3 * DELIVERIES):
        await send(smtp)
    await delivered(smtp)
    assert (len(server.mails), server.most_open) == (3 * DELIVERIES, DELIVERIES)


async def test_a_temporary_failure_is_retried(server: MailServer, smtp: SmtpMailer) -> None:
    server.answers = [b"451 later", b"421 later"]
    await send(smtp)
    await delivered(smtp)
    assert (len(server.mails), server.connections) == (1, 3)


async def test_a_permanent_failure_is_not_retried(server: MailServer, smtp: SmtpMailer) -> None:
    server.answers = [b"550 never"]
    await send(smtp)
    await delivered(smtp)
    await send(smtp, "bob@example.com")
    await delivered(smtp)
    assert server.connections == 2
    assert "bob@example.com" in server.mails[0]


async def test_attempts_are_limited(server: MailServer, smtp: SmtpMailer) -> None:
    server.answers = [b"451 later"] * 100
    with structlog.testing.capture_logs() as logs:
        await send(smtp)
        await delivered(smtp)
    assert (server.mails, server.connections) == ([], ATTEMPTS)
    assert logs[-1]["event"] == "mail given up"
    assert "123456" not in str(logs)


async def test_a_subject_cannot_contain_another_header(smtp: SmtpMailer) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        await smtp.send(to="ann@example.com", subject="Hello\r\nBcc: all@example.com", text="")


async def test_stopping_delivers_queued_mails(server: MailServer) -> None:
    settings = Settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none")
    made = SmtpMailer(settings, SystemClock(), pause=0)
    await send(made)
    await made.start()
    await made.stop()
    assert len(server.mails) == 1


ENCODED = ["=?utf-8?q?r=65albox?=@example.com", "=?utf-8?q?a=40b?=@example.com", "=?utf-8?q?=0aBcc:x?=@example.com"]


@pytest.mark.parametrize("to", [*ENCODED, "a.=?utf-8?q?x?=@example.com", "ann@example.com\nBcc: e@f.gh", "ann"])
async def test_an_address_that_could_be_parsed_as_several_gets_no_mail(
    server: MailServer, smtp: SmtpMailer, to: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        await send(smtp, to)
        await delivered(smtp)
    assert (server.connections, server.mails) == (0, [])
    assert [entry["event"] for entry in logs] == ["mail refused"]
    assert "@" not in str(logs)


@pytest.mark.parametrize(
    ("to", "envelope"),
    [
        ("o'neill+tea@example.com", "<o'neill+tea@example.com>"),
        ("ada@bücher.example", "<ada@xn--bcher-kva.example>"),
        ("a!#$%&*/=^_`{|}~b@example.com", "<a!#$%&*/=^_`{|}~b@example.com>"),
    ],
)
async def test_mail_is_sent_only_to_the_named_mailbox(
    server: MailServer, smtp: SmtpMailer, to: str, envelope: str
) -> None:
    await send(smtp, to)
    await delivered(smtp)
    assert server.recipients == [envelope]
    assert f"To: {envelope.strip('<>')}\r\n" in server.mails[0]


async def test_an_internationalized_address_is_used_if_the_server_supports_it(
    server: MailServer, smtp: SmtpMailer
) -> None:
    server.takes_unicode = True
    await send(smtp, "élise@example.com")
    await delivered(smtp)
    assert [recipient.split()[0] for recipient in server.recipients] == ["<élise@example.com>"]
    assert "To: élise@example.com\r\n" in server.mails[0]


async def test_an_internationalized_address_fails_at_once_without_server_support(
    server: MailServer, smtp: SmtpMailer
) -> None:
    with structlog.testing.capture_logs() as logs:
        await send(smtp, "élise@example.com")
        await delivered(smtp)
    assert (server.connections, server.mails) == (1, [])
    assert [entry["event"] for entry in logs] == ["mail not delivered", "mail given up"]


async def test_a_subject_with_encoded_words_is_sent_literally(server: MailServer, smtp: SmtpMailer) -> None:
    await smtp.send(to="ann@example.com", subject="=?utf-8?q?A=0aBcc: eve@example.com?= Shop", text="Hello")
    await delivered(smtp)
    head = server.mails[0].partition("\r\n\r\n")[0]
    assert "Subject: = ?utf-8?q?A=0aBcc: eve@example.com?= Shop" in head
    assert "\r\nBcc:" not in head
