"""Connections to a mail server, each with one login for many e-mails."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.settings import Settings

if TYPE_CHECKING:
    import aiosmtplib

CONNECT_SECONDS: Final = 20  # for each reply until the login
RESET_SECONDS: Final = 5
QUIT_SECONDS: Final = 5
IDLE_SECONDS: Final = 30
MOST_MAILS: Final = 100


@dataclass(slots=True, eq=False)
class Connection:
    """A connection after its login; `mails` counts those that it was taken for."""

    client: "aiosmtplib.SMTP"
    mails: int = 0
    expiry: asyncio.TimerHandle | None = None

    @property
    def is_reused(self) -> bool:
        """Whether it was taken for a mail before this one."""
        return self.mails > 1


class SmtpConnections:
    """Keeps connections that wait for a mail, at most IDLE_SECONDS each, and for at most MOST_MAILS.

    There are as many as mails are sent at once: the workers of the delivery bound them.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: list[Connection] = []
        self._closing: set[asyncio.Task[None]] = set()

    async def take(self) -> Connection:
        """The connection that was used last and still answers, or a new one. Raises what connecting raises."""
        while self._idle:
            connection = self._idle.pop()
            _cancel_expiry(connection)
            if await _answers(connection.client):
                break
        else:
            connection = Connection(await self._connect())
        connection.mails += 1
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose mail has ended for the next one, or end it after its last one."""
        if not connection.client.is_connected:
            return
        if connection.mails >= MOST_MAILS:
            self._end(connection)
            return
        connection.expiry = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire, connection)
        self._idle.append(connection)

    async def close(self) -> None:
        """End every connection that waits."""
        connections, self._idle = self._idle, []
        for connection in connections:
            _cancel_expiry(connection)
        await asyncio.gather(*(_quit(each.client) for each in connections), *self._closing)

    async def _connect(self) -> "aiosmtplib.SMTP":
        import aiosmtplib  # noqa: PLC0415 - needed only where mail goes by SMTP

        client = aiosmtplib.SMTP(**_options(self._settings))
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return client

    def _expire(self, connection: Connection) -> None:
        self._idle.remove(connection)
        self._end(connection)

    def _end(self, connection: Connection) -> None:
        """Say goodbye in the background: the server has taken the mail, and its sender does not wait."""
        task = asyncio.get_running_loop().create_task(_quit(connection.client))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _cancel_expiry(connection: Connection) -> None:
    if connection.expiry is not None:
        connection.expiry.cancel()


async def _answers(client: "aiosmtplib.SMTP") -> bool:
    """Whether a connection that waited can be used: the server may have ended it, or its host may be gone."""
    import aiosmtplib  # noqa: PLC0415

    try:
        await client.rset(timeout=RESET_SECONDS)
    except (aiosmtplib.SMTPException, OSError):
        client.close()
        return False
    except BaseException:
        client.close()
        raise
    return True


async def _quit(client: "aiosmtplib.SMTP") -> None:
    """Say goodbye; however the server answers, the connection ends."""
    import aiosmtplib  # noqa: PLC0415

    try:
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=QUIT_SECONDS)
    finally:
        client.close()


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "hostname": settings.smtp_host,
        "port": settings.smtp_port,
        "username": settings.smtp_user,
        "password": settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        "use_tls": settings.smtp_security == "tls",
        "start_tls": settings.smtp_security == "starttls",
        "timeout": CONNECT_SECONDS,
    }
