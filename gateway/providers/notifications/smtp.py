"""E-mails by SMTP."""

import asyncio
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any, Final

from email_validator import EmailNotValidError, validate_email

from domains.notification.channels import Email, Gone, Outcome, Rejected, Retry, Sent
from gateway.providers.notifications.smtp_connections import SmtpConnections
from gateway.settings import Settings

if TYPE_CHECKING:
    import aiosmtplib

DELIVERY_SECONDS: Final = 240  # for the whole; a server that checks content takes minutes (RFC 5321 §4.5.3.2)
UNAVAILABLE: Final = 421  # the server ends the connection
ENHANCED_CODE: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463
# Servers say only when they are asked for a recipient that they refuse the client, its login or the sender.
AUTHENTICATION_REQUIRED: Final = 530
SENDER_REFUSED: Final = ("5.7.", "5.1.7", "5.1.8")
# The mailbox, its domain, or a moved or disabled mailbox (RFC 3463, RFC 7505).
NO_MAILBOX: Final = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
NO_MAILBOX_WITHOUT_CODE: Final = frozenset({550, 551, 553})
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
MOST_OF_LINE: Final = 1_000
PROVIDER: Final = "SMTP"


class SmtpChannel:
    """Sends e-mails over connections that are kept for the next ones."""

    def __init__(self, settings: Settings) -> None:
        self._connections = SmtpConnections(settings)
        name, sender = parseaddr(settings.mail_from)
        self._sender = Address(display_name=name, addr_spec=sender)

    async def send(self, email: Email) -> Outcome:
        """Send an e-mail, in at most DELIVERY_SECONDS.

        Only a 5xx reply to the recipient or to the content refuses it. Every other failure, of the connection, the
        login or the sender, can be corrected by the operator. An e-mail to a recipient that a mail server could read
        as another mailbox is refused.
        """
        import aiosmtplib  # noqa: PLC0415 - needed only where mail goes by SMTP

        try:
            message = self._message(email)
        except ValueError as error:
            return Rejected(PROVIDER, str(error))
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                return await self._deliver(message)
        except aiosmtplib.SMTPResponseException as error:
            return Retry(PROVIDER, f"{type(error).__name__} {_codes(error)}")
        except (aiosmtplib.SMTPException, OSError) as error:
            return Retry(PROVIDER, type(error).__name__)

    async def close(self) -> None:
        """End the connections that wait for the next mail."""
        await self._connections.close()

    async def _deliver(self, message: EmailMessage) -> Outcome:
        """Transmit over a connection; over another one when the server ends a kept one before it has the mail."""
        import aiosmtplib  # noqa: PLC0415

        while True:
            connection = await self._connections.take()
            try:
                outcome = await self._transmit(connection.client, message)
            except aiosmtplib.SMTPSenderRefused as error:
                connection.client.close()
                if not (connection.is_reused and error.code == UNAVAILABLE):
                    raise
            except BaseException:
                connection.client.close()
                raise
            else:
                self._connections.give_back(connection)
                return outcome

    async def _transmit(self, client: "aiosmtplib.SMTP", message: EmailMessage) -> Outcome:
        """The outcome by the reply to the recipient or the content. Raises every other failure."""
        import aiosmtplib  # noqa: PLC0415

        recipient = message["To"].addresses[0].addr_spec
        envelope: dict[str, Any] = {"sender": self._sender.addr_spec, "recipients": [recipient]}
        try:
            await client.send_message(message, **envelope, timeout=DELIVERY_SECONDS)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _outcome_of_recipient(error.recipients[0])
        except aiosmtplib.SMTPDataError as error:
            return (Rejected if _is_final(error) else Retry)(PROVIDER, _codes(error))
        except aiosmtplib.SMTPNotSupported:
            kind = Retry if recipient.isascii() else Rejected
            return kind(PROVIDER, "553 the server has no SMTPUTF8")
        return Sent(PROVIDER, str(message["Message-ID"]))

    def _message(self, email: Email) -> EmailMessage:
        """The message. Addresses are set as objects: text would be parsed and could become other addresses."""
        recipient = _mailbox(email.to)
        if recipient is None:
            raise ValueError("the recipient's address is ambiguous")
        message = EmailMessage()
        name = self._sender.display_name if email.sender_name is None else _unencoded(email.sender_name)
        message["From"] = Address(name, self._sender.username, self._sender.domain)
        message["To"] = recipient
        if email.reply_to is not None and (reply_to := _mailbox(email.reply_to)) is not None:
            message["Reply-To"] = reply_to
        message["Subject"] = _unencoded(email.subject)
        message["Date"] = format_datetime(email.created_at)
        message["Message-ID"] = f"<{email.id}@{self._sender.domain}>"
        for header, value in email.headers.items():
            if not HEADER_NAME.fullmatch(header):
                raise ValueError("the name of a header is invalid")
            message[header] = _Unfolded.of(header, _unencoded(value))
        message.set_content(email.text)
        if email.html is not None:
            message.add_alternative(email.html, subtype="html")
        for each in email.attachments:
            maintype, _, subtype = each.media_type.partition("/")
            message.add_attachment(each.content, maintype=maintype, subtype=subtype, filename=_unencoded(each.name))
        return message


class _Unfolded(str):  # noqa: SLOT000 - it has a name
    """The value of a header with a long word, such as a link. The standard library would encode it (RFC 2047)."""

    name: str
    max_count = None

    @classmethod
    def of(cls, name: str, value: str) -> "_Unfolded":
        """The value on one line of at most 998 characters (RFC 5322 §2.1.1). Raises ValueError."""
        made = cls(value)
        made.name = name
        if len(made.fold()) > MOST_OF_LINE or not value.isascii() or not value.isprintable():
            raise ValueError("a header is too long or not in ASCII")
        return made

    def fold(self, **_policy: Any) -> str:
        """The line of the header."""
        return f"{self.name}: {self}\r\n"


def _unencoded(text: str) -> str:
    """A text in which no encoded word (RFC 2047) can be decoded to a line break."""
    return text.replace("=?", "= ?")


def _outcome_of_recipient(reply: "aiosmtplib.SMTPResponseException") -> Outcome:
    if _is_sender_refused(reply) or not _is_final(reply):
        return Retry(PROVIDER, _codes(reply))
    enhanced = ENHANCED_CODE.match(reply.message)
    is_gone = enhanced[0] in NO_MAILBOX if enhanced else reply.code in NO_MAILBOX_WITHOUT_CODE
    return (Gone if is_gone else Rejected)(PROVIDER, _codes(reply))


def _is_final(reply: "aiosmtplib.SMTPResponseException") -> bool:
    return 500 <= reply.code < 600


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
