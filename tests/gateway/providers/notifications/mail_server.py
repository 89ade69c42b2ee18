"""A mail server for tests, and what is sent to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.clock import FixedClock
from domains.notification.channels import Email
from domains.notification.models import NotificationType
from gateway.providers.notifications.installation import outbound_of
from gateway.providers.notifications.smtp import SmtpChannel
from gateway.settings import Settings

CLOCK: Final = FixedClock(datetime(2026, 11, 30, tzinfo=UTC))
ID: Final = UUID("018f0000-0000-7000-8000-000000000001")
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
        self.replies_once: dict[bytes, bytes] = {}
        self.takes_unicode = False
        self.cut_after: bytes | None = None
        self.pause = 0.0
        self.slow: bytes | None = None
        self.connections = 0
        self.open = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    def end(self) -> None:
        """End every connection."""
        for each in self._writers:
            each.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self._writers.append(writer)
        try:
            await self._talk(reader, writer)
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
        if command == self.cut_after:
            writer.close()
            return
        if reply := self.replies_once.pop(command, self.replies.get(command, usual)):
            writer.write(reply + b"\r\n")


@asynccontextmanager
async def opened_server() -> AsyncIterator[MailServer]:
    """A server that listens on a port of this machine."""
    made = MailServer()
    listening = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()


def channel_to(server: MailServer, **given: Any) -> SmtpChannel:
    """The channel of an installation with the server."""
    fields = {"smtp_security": "none", "mail_from": "Tea <t@e.a>"} | given
    settings = Settings(smtp_host="127.0.0.1", smtp_port=server.port, **fields)
    channel = outbound_of(settings, lambda: None, CLOCK).channels[NotificationType.EMAIL]
    assert isinstance(channel, SmtpChannel)
    return channel


def mail(to: str = "ann@example.com", subject: str = "Your code", **given: Any) -> Email:
    """An e-mail."""
    created_at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    return Email(id=ID, to=to, subject=subject, text="It is 123456.", created_at=created_at, **given)
