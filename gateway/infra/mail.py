"""Transports of mail: SMTP, and a local file for development."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson
from email_validator import EmailNotValidError, validate_email

from gateway.settings import Settings

if TYPE_CHECKING:
    import aiosmtplib

CONNECT_SECONDS: Final = 20  # for each reply until the login
DELIVERY_SECONDS: Final = 240  # for the whole; a server that checks content takes minutes (RFC 5321 §4.5.3.2)
QUIT_SECONDS: Final = 5
ENHANCED_CODE: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463
# Servers say only when they are asked for a recipient that they refuse the client, its login or the sender.
AUTHENTICATION_REQUIRED: Final = 530
SENDER_REFUSED: Final = ("5.7.", "5.1.7", "5.1.8")


class MailRefused(Exception):
    """The server refuses this mail for good: the text is its reply code, or the reason."""


class MailDeferred(Exception):
    """The mail could not be delivered now: the text is the server's reply code, or the failure."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain-text mail. Its id becomes the Message-ID, by which receivers recognize a second delivery."""

    id: str
    to: str
    subject: str
    text: str
    created_at: datetime


class Transport(Protocol):
    """Delivers mails one by one; may be called concurrently."""

    async def deliver(self, mail: Mail) -> None:
        """Deliver a mail. Raises MailRefused, MailDeferred."""
        ...


def transport_of(settings: Settings) -> Transport:
    """The transport of the settings."""
    if settings.smtp_host:
        return SmtpTransport(settings)
    return FileTransport(settings.commerce_home / "outbox")


class FileTransport:
    """Appends each mail as a JSON line to `mail.jsonl` in a private folder; one delivered again has the same id."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "mail.jsonl"

    async def deliver(self, mail: Mail) -> None:
        """Append the mail. Raises MailDeferred when the file cannot be written."""
        fields = {"id": mail.id, "at": mail.created_at, "to": mail.to, "subject": mail.subject, "text": mail.text}
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.file.open("ab") as opened:
                self.file.chmod(0o600)
                opened.write(orjson.dumps(fields) + b"\n")  # one write: lines of several processes do not interleave
        except OSError as error:
            raise MailDeferred(str(error)) from error


class SmtpTransport:
    """Delivers each mail over a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        name, sender = parseaddr(settings.mail_from)
        self._sender = Address(display_name=name, addr_spec=sender)

    async def deliver(self, mail: Mail) -> None:
        """Deliver the mail, in at most DELIVERY_SECONDS. Raises MailRefused, MailDeferred.

        Only a 5xx reply to the recipient or to the content refuses the mail. Every other failure, of the connection,
        the login or the sender, can be corrected by the operator. Mail to a recipient that a mail server could read
        as another mailbox is refused.
        """
        import aiosmtplib  # noqa: PLC0415 - needed only where mail goes by SMTP

        try:
            message = self._message(mail)
        except ValueError as error:
            raise MailRefused(str(error)) from error
        client = aiosmtplib.SMTP(**self._connection())
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                await client.connect()
                await self._transmit(client, message)
            with suppress(aiosmtplib.SMTPException, OSError):  # the server has taken the mail
                async with asyncio.timeout(QUIT_SECONDS):
                    await client.quit()
        except aiosmtplib.SMTPResponseException as error:
            raise MailDeferred(f"{type(error).__name__} {_codes(error)}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailDeferred(type(error).__name__) from error
        finally:
            client.close()

    async def _transmit(self, client: "aiosmtplib.SMTP", message: EmailMessage) -> None:
        import aiosmtplib  # noqa: PLC0415

        recipient = message["To"].addresses[0].addr_spec
        envelope: dict[str, Any] = {"sender": self._sender.addr_spec, "recipients": [recipient]}
        try:
            await client.send_message(message, **envelope, timeout=DELIVERY_SECONDS)
        except aiosmtplib.SMTPRecipientsRefused as error:
            reply = error.recipients[0]
            raise (MailDeferred if _is_sender_refused(reply) else _failure(reply))(_codes(reply)) from error
        except aiosmtplib.SMTPDataError as error:
            raise _failure(error)(_codes(error)) from error
        except aiosmtplib.SMTPNotSupported as error:
            failure = MailDeferred if recipient.isascii() else MailRefused
            raise failure("553 the server has no SMTPUTF8") from error

    def _message(self, mail: Mail) -> EmailMessage:
        """The message. Addresses are set as objects: text would be parsed and could become other addresses."""
        recipient = _mailbox(mail.to)
        if recipient is None:
            raise MailRefused("the recipient's address is ambiguous")
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = mail.subject.replace("=?", "= ?")  # encoded words could decode to line breaks
        message["Date"] = format_datetime(mail.created_at)
        message["Message-ID"] = f"<{mail.id}@{self._sender.domain}>"
        message.set_content(mail.text)
        return message

    def _connection(self) -> dict[str, Any]:
        settings = self._settings
        return {
            "hostname": settings.smtp_host,
            "port": settings.smtp_port,
            "username": settings.smtp_user,
            "password": settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            "use_tls": settings.smtp_security == "tls",
            "start_tls": settings.smtp_security == "starttls",
            "timeout": CONNECT_SECONDS,
        }


def _failure(reply: "aiosmtplib.SMTPResponseException") -> type[MailRefused | MailDeferred]:
    return MailRefused if 500 <= reply.code < 600 else MailDeferred


def _is_sender_refused(reply: "aiosmtplib.SMTPResponseException") -> bool:
    """Whether the reply to a recipient refuses the client or the sender, such as a relay without a login."""
    enhanced = ENHANCED_CODE.match(reply.message)
    is_policy = enhanced is not None and enhanced[0].startswith(SENDER_REFUSED)
    return reply.code == AUTHENTICATION_REQUIRED or is_policy


def _codes(reply: "aiosmtplib.SMTPResponseException") -> str:
    """The codes of a reply without its text, which may have addresses."""
    enhanced = ENHANCED_CODE.match(reply.message)
    return f"{reply.code} {enhanced[0]}" if enhanced else str(reply.code)


def _mailbox(to: str) -> Address | None:
    """The recipient as an object with the domain in ASCII; None when a header would contain another mailbox.

    The standard library decodes encoded words (RFC 2047) even in an object, so the result is compared.
    """
    try:
        checked = validate_email(to, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    recipient = Address(username=checked.local_part, domain=checked.ascii_domain)
    probe = EmailMessage()
    try:
        probe["To"] = recipient
    except ValueError:
        return None
    is_same = [each.addr_spec for each in probe["To"].addresses] == [recipient.addr_spec]
    return recipient if is_same and "=?" not in recipient.addr_spec else None
