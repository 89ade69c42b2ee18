"""E-mails by SMTP: what each reply of the server means, and what a message can contain."""

import email.policy
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.parser import Parser
from typing import Any, Final

import pytest

from domains.notification.channels import Attachment, Gone, Outcome, Rejected, Retry, Sent
from gateway.providers.notifications.smtp import SmtpChannel
from gateway.settings import Settings
from tests.conditions import wait_until
from tests.gateway.providers.notifications.mail_server import (
    CONTENT,
    GREETING,
    ID,
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
    channel = channel_to(server)
    yield channel
    await channel.close()


def read(server: MailServer) -> EmailMessage:
    """The only mail that the server took."""
    (raw,) = server.mails
    message = Parser(policy=email.policy.default).parsestr(raw.removesuffix("\r\n.\r\n"))
    assert isinstance(message, EmailMessage)
    return message


async def test_mail_is_delivered_by_smtp(server: MailServer, smtp: SmtpChannel) -> None:
    sent = await smtp.send(mail())
    assert sent == Sent("SMTP", f"<{ID}@e.a>")
    assert len(server.mails) == 1
    for part in ("From: Tea <t@e.a>", "To: ann@example.com", "Subject: Your code", "It is 123456."):
        assert part in server.mails[0]
    assert f"Message-ID: <{ID}@e.a>" in server.mails[0]
    assert "Date: Sat, 28 Nov 2026 12:00:00" in server.mails[0]


COMMANDS: Final = [GREETING, b"EHLO", b"AUTH", b"MAIL", b"RCPT", b"DATA", CONTENT]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("code", ["421", "451", "452", "-12", "what"])
async def test_a_transient_reply_defers_the_mail(server: MailServer, command: bytes, code: str) -> None:
    server.replies = {b"EHLO": LOGIN, b"HELO": b"451 later", command: f"{code} later".encode()}
    assert isinstance(await channel_to(server, smtp_user="shop", smtp_password="secret").send(mail()), Retry)
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
    outcome = await channel_to(server, smtp_user="shop", smtp_password="secret").send(mail())
    assert isinstance(outcome, Retry)
    assert reply[:3] in outcome.error
    assert server.mails == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_without_tls_defers_the_mail(server: MailServer, security: str) -> None:
    assert isinstance(await channel_to(server, smtp_security=security).send(mail()), Retry)
    assert b"MAIL" not in server.commands


async def test_a_server_without_logins_defers_the_mail(server: MailServer) -> None:
    assert isinstance(await channel_to(server, smtp_user="shop", smtp_password="secret").send(mail()), Retry)
    assert b"MAIL" not in server.commands


async def test_a_greylisted_recipient_defers_the_mail(smtp: SmtpChannel) -> None:
    outcome = await smtp.send(mail("grey@example.com"))
    assert isinstance(outcome, Retry)
    assert "450" in outcome.error


@pytest.mark.parametrize(
    ("command", "reply", "outcome"),
    [
        (b"RCPT", "550 ann@example.com is unknown", Gone("SMTP", "550")),
        (b"RCPT", "551 she has moved", Gone("SMTP", "551")),
        (b"RCPT", "553 no such mailbox", Gone("SMTP", "553")),
        (b"RCPT", "550 5.1.1 <ann@example.com> is unknown", Gone("SMTP", "550 5.1.1")),
        (b"RCPT", "550 5.1.2 no such domain", Gone("SMTP", "550 5.1.2")),
        (b"RCPT", "556 5.1.10 the domain takes no mail", Gone("SMTP", "556 5.1.10")),
        (b"RCPT", "550 5.2.1 disabled", Gone("SMTP", "550 5.2.1")),
        (b"RCPT", "552 5.2.2 mailbox full", Rejected("SMTP", "552 5.2.2")),
        (b"RCPT", "550 5.5.0 what", Rejected("SMTP", "550 5.5.0")),
        (b"RCPT", "552 too large", Rejected("SMTP", "552")),
        (b"DATA", "554 no valid recipients", Rejected("SMTP", "554")),
        (CONTENT, "550 5.1.1 spam", Rejected("SMTP", "550 5.1.1")),
        (CONTENT, "552 too large", Rejected("SMTP", "552")),
        (CONTENT, "554 5.7.1 spam", Rejected("SMTP", "554 5.7.1")),
    ],
)
async def test_a_permanent_reply_to_recipient_or_content_refuses_the_mail(
    server: MailServer, smtp: SmtpChannel, command: bytes, reply: str, outcome: Outcome
) -> None:
    server.replies = {command: reply.encode()}
    assert (await smtp.send(mail()), server.mails) == (outcome, [])


@pytest.mark.parametrize("reply", [b"", b"421 bye", b"500 what"])
async def test_a_connection_ends_however_the_server_says_goodbye(
    server: MailServer, smtp: SmtpChannel, reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.providers.notifications.smtp_connections.QUIT_SECONDS", 0.1)
    server.replies = {b"QUIT": reply}
    assert isinstance(await smtp.send(mail()), Sent)
    await smtp.close()
    await wait_until(lambda: server.open == 0)
    assert (len(server.mails), server.commands[-1]) == (1, b"QUIT")


async def test_a_server_that_answers_each_command_slowly_defers_the_mail(
    server: MailServer, smtp: SmtpChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.providers.notifications.smtp.DELIVERY_SECONDS", 0.5)
    server.pause = 0.2
    outcome = await smtp.send(mail())
    assert isinstance(outcome, Retry)
    assert "TimeoutError" in outcome.error
    assert (server.mails, b"EHLO" in server.commands) == ([], True)


async def test_a_server_that_checks_the_content_slowly_takes_the_mail_once(
    server: MailServer, smtp: SmtpChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.providers.notifications.smtp_connections.CONNECT_SECONDS", 0.3)
    server.slow = CONTENT
    assert isinstance(await smtp.send(mail()), Sent)
    assert len(server.mails) == 1


async def test_an_unreachable_server_defers_the_mail() -> None:
    settings = Settings(smtp_host="127.0.0.1", smtp_port=9, smtp_security="none")
    assert isinstance(await SmtpChannel(settings).send(mail()), Retry)


BREAK: Final = "Hello\r\nBcc: all@example.com"


@pytest.mark.parametrize(
    "given",
    [
        {"subject": BREAK},
        {"sender_name": BREAK},
        {"headers": {"List-Unsubscribe": BREAK}},
        {"headers": {"List-Id\r\nBcc": "all@example.com"}},
        {"attachments": [Attachment(BREAK, "text/plain", b"tea")]},
        {"attachments": [Attachment("tea.txt", "text/plain\r\nBcc: all@example.com", b"tea")]},
    ],
)
async def test_no_part_of_a_mail_can_contain_another_header(
    server: MailServer, smtp: SmtpChannel, given: dict[str, Any]
) -> None:
    outcome = await smtp.send(mail(**given))
    assert isinstance(outcome, Rejected)
    assert (server.connections, server.mails) == (0, [])
    assert "@" not in outcome.error


@pytest.mark.parametrize(
    "reply_to", ["ann@example.com\r\nBcc: all@example.com", "ann@example.com, all@example.com", "ann"]
)
async def test_an_answer_goes_to_one_address_or_to_the_sender(
    server: MailServer, smtp: SmtpChannel, reply_to: str
) -> None:
    assert isinstance(await smtp.send(mail(reply_to=reply_to)), Sent)
    assert (read(server)["Reply-To"], read(server)["Bcc"]) == (None, None)


async def test_a_mail_has_html_files_and_a_name_of_its_sender(server: MailServer, smtp: SmtpChannel) -> None:
    attachment = Attachment("Beleg für Ada.pdf", "application/pdf", b"%PDF\x00\xff")
    headers = {"List-Unsubscribe": "<https://shop.example/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    outcome = await smtp.send(
        mail(
            html="<p>It is <b>123456</b>.</p>",
            sender_name='Ada\'s "Tea", Ltd.',
            reply_to="help@example.com",
            headers=headers,
            attachments=[attachment],
        )
    )
    assert isinstance(outcome, Sent)
    message = read(server)
    sender = message["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ('Ada\'s "Tea", Ltd.', "t@e.a")
    assert message["Reply-To"] == "help@example.com"
    assert {name: message[name] for name in headers} == headers
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "It is 123456."
    assert html.get_content().strip() == "<p>It is <b>123456</b>.</p>"
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("Beleg für Ada.pdf", "application/pdf")
    assert file.get_content() == attachment.content


async def test_without_a_name_of_its_sender_a_mail_has_that_of_the_installation(
    server: MailServer, smtp: SmtpChannel
) -> None:
    await smtp.send(mail())
    message = read(server)
    assert (message["From"], message["Reply-To"], message.get_content_type()) == ("Tea <t@e.a>", None, "text/plain")


ENCODED_BREAK: Final = "=?utf-8?q?A=0aBcc: eve@example.com?="


@pytest.mark.parametrize(
    "given",
    [
        {"sender_name": ENCODED_BREAK},
        {"headers": {"List-Id": ENCODED_BREAK}},
        {"attachments": [Attachment(ENCODED_BREAK, "text/plain", b"tea")]},
    ],
)
async def test_encoded_words_add_no_header(server: MailServer, smtp: SmtpChannel, given: dict[str, Any]) -> None:
    assert isinstance(await smtp.send(mail(**given)), Sent)
    assert "\r\nBcc:" not in server.mails[0]
    assert read(server)["Bcc"] is None


ENCODED = ["=?utf-8?q?r=65albox?=@example.com", "=?utf-8?q?a=40b?=@example.com", "=?utf-8?q?=0aBcc:x?=@example.com"]


@pytest.mark.parametrize("to", [*ENCODED, "a.=?utf-8?q?x?=@example.com", "ann@example.com\nBcc: e@f.gh", "ann"])
async def test_an_address_that_could_be_parsed_as_several_gets_no_mail(
    server: MailServer, smtp: SmtpChannel, to: str
) -> None:
    outcome = await smtp.send(mail(to))
    assert isinstance(outcome, Rejected)
    assert "ambiguous" in outcome.error
    assert (server.connections, server.mails) == (0, [])
    assert "@" not in outcome.error


@pytest.mark.parametrize(
    ("to", "envelope"),
    [
        ("o'neill+tea@example.com", "<o'neill+tea@example.com>"),
        ("ada@bücher.example", "<ada@xn--bcher-kva.example>"),
        ("a!#$%&*/=^_`{|}~b@example.com", "<a!#$%&*/=^_`{|}~b@example.com>"),
    ],
)
async def test_mail_is_sent_only_to_the_named_mailbox(
    server: MailServer, smtp: SmtpChannel, to: str, envelope: str
) -> None:
    assert isinstance(await smtp.send(mail(to)), Sent)
    assert server.recipients == [envelope]
    assert f"To: {envelope.strip('<>')}\r\n" in server.mails[0]


async def test_an_internationalized_address_is_used_if_the_server_supports_it(
    server: MailServer, smtp: SmtpChannel
) -> None:
    server.takes_unicode = True
    assert isinstance(await smtp.send(mail("élise@example.com")), Sent)
    assert [recipient.split()[0] for recipient in server.recipients] == ["<élise@example.com>"]
    assert "To: élise@example.com\r\n" in server.mails[0]


async def test_an_internationalized_address_fails_at_once_without_server_support(
    server: MailServer, smtp: SmtpChannel
) -> None:
    outcome = await smtp.send(mail("élise@example.com"))
    assert isinstance(outcome, Rejected)
    assert "SMTPUTF8" in outcome.error
    assert (server.connections, server.mails) == (1, [])


async def test_an_internationalized_sender_without_server_support_defers_the_mail(server: MailServer) -> None:
    outcome = await channel_to(server, mail_from="Tee <tee@bücher.example>").send(mail())
    assert isinstance(outcome, Retry)
    assert "SMTPUTF8" in outcome.error
    assert server.mails == []


async def test_a_subject_with_encoded_words_is_sent_literally(server: MailServer, smtp: SmtpChannel) -> None:
    assert isinstance(await smtp.send(mail(subject="=?utf-8?q?A=0aBcc: eve@example.com?= Shop")), Sent)
    head = server.mails[0].partition("\r\n\r\n")[0]
    assert "Subject: = ?utf-8?q?A=0aBcc: eve@example.com?= Shop" in head
    assert "\r\nBcc:" not in head
