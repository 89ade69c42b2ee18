"""E-mails by SMTP to a mail server that others wrote: aiosmtpd."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domains.notification.channels import Gone, Rejected, Retry, Sent
from gateway.providers.notifications.smtp import SmtpChannel
from gateway.settings import Settings
from tests.gateway.providers.notifications.mail_server import ID, mail

PASSWORD = "correct"


class Mailbox:
    """Takes mails; `replies` are those to the next mails instead, by the step."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.of_recipients: list[str] = []
        self.of_contents: list[str] = []

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.of_recipients:
            return self.of_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        reply = self.of_contents.pop(0) if self.of_contents else "250 OK"
        if reply[0] == "2":
            self.taken.append(envelope)
        if reply == "250 cut":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return reply


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
    is_right = isinstance(login, LoginPassword) and login.password == PASSWORD.encode()
    return AuthResult(success=is_right, handled=False)


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 with its key in a file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


@asynccontextmanager
async def served(mailbox: Mailbox, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on a port of this machine; with a context, only for clients that use STARTTLS and log in."""
    secured: dict[str, Any] = {"tls_context": tls, "require_starttls": True, "auth_required": True} if tls else {}

    def protocol() -> SMTP:
        return SMTP(mailbox, hostname="mail.test", authenticator=_authenticate, enable_SMTPUTF8=True, **secured)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def channel(port: int, **given: Any) -> AsyncIterator[SmtpChannel]:
    fields = {"smtp_security": "none", "mail_from": "Tea <t@e.a>"} | given
    made = SmtpChannel(Settings(smtp_host="127.0.0.1", smtp_port=port, **fields))
    try:
        yield made
    finally:
        await made.close()


async def test_mails_are_taken_and_a_refused_one_does_not_disturb_the_next() -> None:
    mailbox = Mailbox()
    mailbox.of_recipients = ["550 5.1.1 unknown", "451 4.7.1 greylisted"]
    async with served(mailbox) as port, channel(port) as smtp:
        assert await smtp.send(mail()) == Gone("SMTP", "550 5.1.1")
        assert await smtp.send(mail()) == Retry("SMTP", "451 4.7.1")
        assert await smtp.send(mail()) == Sent("SMTP", f"<{ID}@e.a>")
    (taken,) = mailbox.taken
    assert (taken.mail_from, taken.rcpt_tos) == ("t@e.a", ["ann@example.com"])
    assert isinstance(taken.content, bytes)
    assert b"It is 123456." in taken.content


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("451 4.3.0 later", Retry("SMTP", "451 4.3.0")), ("550 5.7.1 x", Rejected("SMTP", "550 5.7.1"))],
)
async def test_a_reply_to_the_content_decides_and_the_next_mail_is_taken(reply: str, outcome: Any) -> None:
    mailbox = Mailbox()
    mailbox.of_contents = [reply]
    async with served(mailbox) as port, channel(port) as smtp:
        assert await smtp.send(mail()) == outcome
        assert isinstance(await smtp.send(mail()), Sent)
    assert len(mailbox.taken) == 1


async def test_a_mail_whose_answer_is_lost_is_deferred_with_the_same_message_id() -> None:
    mailbox = Mailbox()
    mailbox.of_contents = ["250 cut"]
    async with served(mailbox) as port, channel(port) as smtp:
        assert isinstance(await smtp.send(mail()), Retry)
        assert len(mailbox.taken) == 1
        assert isinstance(await smtp.send(mail()), Sent)
    contents = [each.content for each in mailbox.taken]
    assert [f"Message-ID: <{ID}@e.a>".encode() in (each or b"") for each in contents] == [True, True]


async def test_mails_and_logins_go_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    login = {"smtp_security": "starttls", "smtp_user": "shop", "smtp_password": PASSWORD}
    mailbox = Mailbox()
    async with served(mailbox, tls) as port:
        async with channel(port, **login) as smtp:  # a certificate that nobody has signed
            assert isinstance(await smtp.send(mail()), Retry)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        async with channel(port, **login | {"smtp_password": "wrong"}) as smtp:
            refused = await smtp.send(mail())
            assert isinstance(refused, Retry)
            assert "535" in refused.error
        async with channel(port, **login) as smtp:
            for _ in range(3):
                assert isinstance(await smtp.send(mail()), Sent)
    assert len(mailbox.taken) == 3
