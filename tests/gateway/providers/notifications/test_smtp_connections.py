"""Connections to a mail server: kept for the next mails, and replaced when they are broken."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domains.notification.channels import Gone, Retry, Sent
from gateway.providers.notifications import smtp_connections
from gateway.providers.notifications.smtp import SmtpChannel
from tests.conditions import wait_until
from tests.gateway.providers.notifications.mail_server import (
    CONTENT,
    LOGIN,
    MailServer,
    channel_to,
    mail,
    opened_server,
)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with opened_server() as made:
        yield made


@pytest.fixture
async def smtp(server: MailServer) -> AsyncIterator[SmtpChannel]:
    server.replies = {b"EHLO": LOGIN}
    channel = channel_to(server, smtp_user="shop", smtp_password="secret")
    yield channel
    await channel.close()


async def test_mails_share_a_connection_and_its_login(server: MailServer, smtp: SmtpChannel) -> None:
    for _ in range(5):
        assert isinstance(await smtp.send(mail()), Sent)
    assert (len(server.mails), server.connections, server.commands.count(b"AUTH")) == (5, 1, 1)


async def test_mails_at_the_same_time_have_connections_of_their_own(server: MailServer, smtp: SmtpChannel) -> None:
    server.pause = 0.02
    await asyncio.gather(*(smtp.send(mail(f"ann{number}@example.com")) for number in range(3)))
    await asyncio.gather(*(smtp.send(mail(f"bob{number}@example.com")) for number in range(3)))
    assert (len(server.mails), server.connections) == (6, 3)
    assert sorted(server.recipients) == [f"<{name}{n}@example.com>" for name in ("ann", "bob") for n in range(3)]


async def test_a_refused_recipient_does_not_cost_the_connection(server: MailServer, smtp: SmtpChannel) -> None:
    server.replies[b"RCPT"] = b"550 5.1.1 unknown"
    assert isinstance(await smtp.send(mail()), Gone)
    del server.replies[b"RCPT"]
    assert isinstance(await smtp.send(mail()), Sent)
    assert (len(server.mails), server.connections) == (1, 1)


async def test_a_connection_ends_after_its_last_mail(
    server: MailServer, smtp: SmtpChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_connections, "MOST_MAILS", 2)
    for _ in range(5):
        assert isinstance(await smtp.send(mail()), Sent)
    assert (len(server.mails), server.connections) == (5, 3)
    await wait_until(lambda: server.commands.count(b"QUIT") == 2)


async def test_a_connection_that_waits_too_long_ends(
    server: MailServer, smtp: SmtpChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_connections, "IDLE_SECONDS", 0.05)
    assert isinstance(await smtp.send(mail()), Sent)
    await wait_until(lambda: server.open == 0)
    assert server.commands[-1] == b"QUIT"
    assert isinstance(await smtp.send(mail()), Sent)
    assert server.connections == 2


async def test_a_connection_that_the_server_has_ended_is_replaced(server: MailServer, smtp: SmtpChannel) -> None:
    assert isinstance(await smtp.send(mail()), Sent)
    server.end()
    assert isinstance(await smtp.send(mail()), Sent)
    assert (len(server.mails), server.connections) == (2, 2)


@pytest.mark.parametrize("command", [b"RSET", b"MAIL"])
async def test_a_kept_connection_that_the_server_refuses_is_replaced_once(
    server: MailServer, smtp: SmtpChannel, command: bytes
) -> None:
    assert isinstance(await smtp.send(mail()), Sent)
    server.replies_once[command] = b"421 too many mails on this connection"
    assert isinstance(await smtp.send(mail()), Sent)
    assert (len(server.mails), server.connections) == (2, 2)


async def test_a_new_connection_that_is_refused_defers_the_mail(server: MailServer, smtp: SmtpChannel) -> None:
    assert isinstance(await smtp.send(mail()), Sent)
    server.replies[b"MAIL"] = b"421 busy"
    assert isinstance(await smtp.send(mail()), Retry)
    assert (len(server.mails), server.connections) == (1, 2)


async def test_a_mail_that_the_server_may_have_taken_is_not_sent_over_another_connection(
    server: MailServer, smtp: SmtpChannel
) -> None:
    assert isinstance(await smtp.send(mail()), Sent)
    server.cut_after = CONTENT
    assert isinstance(await smtp.send(mail()), Retry)
    assert (len(server.mails), server.connections) == (2, 1)
    server.cut_after = None
    assert isinstance(await smtp.send(mail()), Sent)
    assert server.connections == 2
    first, second = (each.partition("Message-ID: ")[2].partition("\r\n")[0] for each in server.mails[1:])
    assert first == second


async def test_a_mail_that_is_cancelled_leaves_no_connection(server: MailServer, smtp: SmtpChannel) -> None:
    assert isinstance(await smtp.send(mail()), Sent)
    server.slow = CONTENT
    sending = asyncio.create_task(smtp.send(mail()))
    await wait_until(lambda: len(server.mails) == 2 or server.commands.count(b"DATA") == 2)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    server.slow = None
    assert isinstance(await smtp.send(mail("bob@example.com")), Sent)
    assert (server.connections, server.recipients[-1]) == (2, "<bob@example.com>")
