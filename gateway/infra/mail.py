"""Transports of mail: SMTP, and a local file for development."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any, Final, Protocol

import orjson
from email_validator import EmailNotValidError, validate_email

from gateway.settings import Settings

TIMEOUT_SECONDS: Final = 20


class MailRefused(Exception):
    """The mail can never be delivered: the text is the server's reply code, or the reason."""


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

    async def deliver(self, mail: Mail) -> None:
        """Deliver the mail; only 4xx replies and failures of the network are transient (RFC 5321 §4.2.1).

        Mail to a recipient that a mail server could read as another mailbox is refused.
        """
        import aiosmtplib  # noqa: PLC0415 - needed only where mail goes by SMTP

        try:
            message = self._message(mail)
        except ValueError as error:
            raise MailRefused(str(error)) from error
        sender, recipient = message["From"].addresses[0], message["To"].addresses[0]
        envelope = {"sender": sender.addr_spec, "recipients": [recipient.addr_spec]}
        try:
            await aiosmtplib.send(message, **envelope, **self._connection())
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _failure(error.recipients[0].code) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise MailRefused("553 the server has no SMTPUTF8") from error
        except aiosmtplib.SMTPResponseException as error:
            raise _failure(error.code) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailDeferred(type(error).__name__) from error

    def _message(self, mail: Mail) -> EmailMessage:
        """The message. Addresses are set as objects: text would be parsed and could become other addresses."""
        recipient = _mailbox(mail.to)
        if recipient is None:
            raise MailRefused("the recipient's address is ambiguous")
        name, sender = parseaddr(self._settings.mail_from)
        message = EmailMessage()
        message["From"] = Address(display_name=name, addr_spec=sender)
        message["To"] = recipient
        message["Subject"] = mail.subject.replace("=?", "= ?")  # encoded words could decode to line breaks
        message["Date"] = format_datetime(mail.created_at)
        message["Message-ID"] = f"<{mail.id}@{message['From'].addresses[0].domain}>"
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
            "timeout": TIMEOUT_SECONDS,
        }


def _failure(code: int) -> MailRefused | MailDeferred:
    return MailRefused(str(code)) if 500 <= code < 600 else MailDeferred(str(code))


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
