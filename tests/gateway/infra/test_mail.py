"""Mail: written down locally, or delivered by SMTP from a queue, tried again a bounded number of times."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from gateway.infra.mail import ATTEMPTS, OutboxMailer, SmtpMailer, mailer
from gateway.settings import Settings


class MailServer:
    """As much of RFC 5321 as a client needs to deliver one mail."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.answers: list[bytes] = []
        self.connections = 0
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            word = line[:4].upper().strip()
            if word == b"MAIL" and self.answers:
                writer.write(self.answers.pop(0) + b"\r\n")
            elif word == b"DATA":
                writer.write(b"354 go on\r\n")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                writer.write(b"250 taken\r\n")
            elif word == b"QUIT":
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
    made = SmtpMailer(settings, pause=0)
    await made.start()
    yield made
    await made.stop()


async def send(made: SmtpMailer | OutboxMailer, to: str = "ann@example.com") -> None:
    await made.send(to=to, subject="Your code", text="It is 123456.")


async def delivered(made: SmtpMailer) -> None:
    async with asyncio.timeout(5):
        await made._queue.join()


async def test_without_a_mail_server_mail_is_a_line_in_a_file_of_this_user_alone(tmp_path: Path) -> None:
    made = mailer(Settings(commerce_home=tmp_path))
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


async def test_sending_does_not_wait_for_the_mail_server() -> None:
    nowhere = Settings(smtp_host="127.0.0.1", smtp_port=9, smtp_security="none")
    made = SmtpMailer(nowhere)
    async with asyncio.timeout(0.05):
        await send(made)
    assert made._queue.qsize() == 1


async def test_a_mail_server_that_says_later_is_asked_again(server: MailServer, smtp: SmtpMailer) -> None:
    server.answers = [b"451 later", b"421 later"]
    await send(smtp)
    await delivered(smtp)
    assert (len(server.mails), server.connections) == (1, 3)


async def test_a_mail_server_that_says_never_is_not_asked_again(server: MailServer, smtp: SmtpMailer) -> None:
    server.answers = [b"550 never"]
    await send(smtp)
    await send(smtp, "bob@example.com")
    await delivered(smtp)
    assert server.connections == 2
    assert "bob@example.com" in server.mails[0]


async def test_attempts_are_bounded(server: MailServer, smtp: SmtpMailer) -> None:
    server.answers = [b"451 later"] * 100
    with structlog.testing.capture_logs() as logs:
        await send(smtp)
        await delivered(smtp)
    assert (server.mails, server.connections) == ([], ATTEMPTS)
    assert logs[-1]["event"] == "mail given up"
    assert "123456" not in str(logs)


async def test_a_subject_cannot_smuggle_in_another_header(smtp: SmtpMailer) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        await smtp.send(to="ann@example.com", subject="Hello\r\nBcc: all@example.com", text="")


async def test_stopping_delivers_what_waits(server: MailServer) -> None:
    made = SmtpMailer(Settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none"), pause=0)
    await send(made)
    await made.start()
    await made.stop()
    assert len(server.mails) == 1
