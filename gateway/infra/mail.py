"""Mailers: a local outbox file, and SMTP delivery in the background."""

import asyncio
import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Any, Protocol

import orjson
import structlog
from email_validator import EmailNotValidError, validate_email

from domains.kernel.clock import Clock
from gateway.settings import Settings

log = structlog.get_logger("gateway.mail")
QUEUE_LENGTH = 10_000
DELIVERIES = 4
ATTEMPTS = 5
TIMEOUT_SECONDS = 20


class MailQueueFull(Exception):
    """The queue of mail for an unavailable mail server is full."""


class RunningMailer(Protocol):
    """A mailer that is started and stopped with the server."""

    async def send(self, *, to: str, subject: str, text: str) -> None:
        """Queue one plain-text mail for delivery; returns without waiting for the recipient's server."""
        ...

    async def start(self) -> None:
        """Begin to deliver."""
        ...

    async def stop(self) -> None:
        """Deliver queued mail for a limited time and stop."""
        ...


def mailer(settings: Settings, clock: Clock) -> RunningMailer:
    """The mailer of the settings."""
    if settings.smtp_host:
        return SmtpMailer(settings, clock)
    return OutboxMailer(settings.commerce_home / "outbox", clock)


class OutboxMailer:
    """Appends each mail as a JSON line to `mail.jsonl` in a private folder, and logs it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.file = folder / "mail.jsonl"
        self._clock = clock

    async def send(self, *, to: str, subject: str, text: str) -> None:
        """Append the mail. The body is not logged: it may contain a code or a token."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = orjson.dumps({"at": self._clock.now(), "to": to, "subject": subject, "text": text}) + b"\n"
        with self.file.open("ab") as opened:
            self.file.chmod(0o600)
            opened.write(line)  # one write per line: lines of several processes do not interleave
        log.info("mail written", file=str(self.file), subject=subject, recipient=_pseudonym(to))

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""


class SmtpMailer:
    """Delivers each mail in a separate task: neither requests nor other mail wait for a slow recipient."""

    def __init__(self, settings: Settings, clock: Clock, *, pause: float = 2.0) -> None:
        self._settings = settings
        self._clock = clock
        self._pause = pause
        self._turns = asyncio.Semaphore(DELIVERIES)
        self._waiting: set[asyncio.Task[None]] = set()

    async def send(self, *, to: str, subject: str, text: str) -> None:
        """Start the delivery of the mail. Raises MailQueueFull when too much mail is queued.

        Mail to a recipient that a mail server could read as another mailbox is not sent, and this is logged.
        """
        recipient = _mailbox(to)
        if recipient is None:
            log.error("mail refused", subject=subject, recipient=_pseudonym(to))
            return
        message = self._message(recipient, subject, text)
        if len(self._waiting) >= QUEUE_LENGTH:
            raise MailQueueFull(f"{QUEUE_LENGTH} mails are queued for {self._settings.smtp_host}.")
        task = asyncio.create_task(self._deliver(message), name="mail")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Deliver queued mail for as long as one delivery may take; the rest is logged as lost."""
        if not self._waiting:
            return
        _, left = await asyncio.wait(self._waiting, timeout=TIMEOUT_SECONDS)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            log.error("mail lost", waiting=len(left))

    def _message(self, recipient: Address, subject: str, text: str) -> EmailMessage:
        """The message. Addresses are set as objects: text would be parsed and could become other addresses."""
        name, sender = parseaddr(self._settings.mail_from)
        message = EmailMessage()
        message["From"] = Address(display_name=name, addr_spec=sender)
        message["To"] = recipient
        message["Subject"] = _line(subject)
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
        message.set_content(text)
        return message

    async def _deliver(self, message: EmailMessage) -> None:
        """Try a few times. A retry pause occupies no delivery slot, so that greylisting delays no other mail."""
        recipient = _pseudonym(message["To"])
        for attempt in range(1, ATTEMPTS + 1):
            async with self._turns:
                problem = await self._problem(message)
            if problem is None:
                log.info("mail sent", subject=message["Subject"], recipient=recipient)
                return
            log.warning("mail not delivered", attempt=attempt, problem=problem, recipient=recipient)
            if problem.startswith("5"):
                break  # a permanent failure; only 4xx replies are transient (RFC 5321 §4.2.1)
            await asyncio.sleep(self._pause * 2 ** (attempt - 1) if attempt < ATTEMPTS else 0)
        log.error("mail given up", subject=message["Subject"], recipient=recipient)

    async def _problem(self, message: EmailMessage) -> str | None:
        import aiosmtplib  # noqa: PLC0415 - needed only where mail goes by SMTP

        try:
            sender, recipient = message["From"].addresses[0], message["To"].addresses[0]
            envelope = {"sender": sender.addr_spec, "recipients": [recipient.addr_spec]}
            await aiosmtplib.send(message, **envelope, **self._connection())
        except aiosmtplib.SMTPRecipientsRefused as error:
            return str(error.recipients[0].code)
        except aiosmtplib.SMTPNotSupported:
            return "553 the server has no SMTPUTF8"
        except aiosmtplib.SMTPResponseException as error:
            return str(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return type(error).__name__
        return None

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


def _line(text: str) -> str:
    """The text for a header, without encoded words, which could decode to line breaks."""
    return text.replace("=?", "= ?")


def _pseudonym(address: str) -> str:
    """A pseudonym of the recipient for the log."""
    return hashlib.sha256(address.encode()).hexdigest()[:12]
