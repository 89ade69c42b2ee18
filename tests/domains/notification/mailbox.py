"""A mailbox for tests: the e-mails that committed transactions ask for, and those that a channel is given."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from domains.auth.emails.requested_emails import EmailRequested
from domains.kernel.database import Database
from domains.kernel.events import Event
from domains.notification.channels import (
    Attachment,
    Channel,
    Email,
    Message,
    Outbound,
    Outcome,
    Sent,
)
from domains.notification.models import NotificationKind, NotificationType
from domains.notification.templates.language import render
from domains.notification.templates.library import built_in
from domains.notification.templates.samples import SHOP
from gateway.documents.invoices import InvoiceDocuments
from gateway.documents.typesetter import Typesetter


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str
    attachments: Sequence[Attachment] = ()

    @property
    def code(self) -> str:
        """The six digits in it."""
        (digits,) = re.findall(r"\b\d{6}\b", self.text)
        return str(digits)

    @property
    def token(self) -> str:
        """The opaque token in it, on a separate line."""
        (token,) = re.findall(r"^[\w-]{43}$", self.text, re.MULTILINE)
        return str(token)


@dataclass(slots=True)
class Mailbox:
    """Takes all mail in. Its encryption only hides a text, so that one that is not encrypted is found."""

    mails: list[Mail] = field(default_factory=list)
    emails: list[Email] = field(default_factory=list)
    key_ids: Sequence[str] = ("a key",)
    types: Sequence[NotificationType] = (NotificationType.EMAIL,)
    channels: dict[NotificationType, Channel] = field(default_factory=dict)
    web_push_key: str | None = None
    messages: list[Message] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def encrypt(self, plain: bytes) -> bytes:
        return urlsafe_b64encode(plain)

    def decrypt(self, encrypted: bytes) -> bytes:
        return urlsafe_b64decode(encrypted)

    def digests(self, plain: bytes) -> Sequence[str]:
        raise AssertionError(plain)

    @property
    def outbound(self) -> Outbound:
        """Channels that end here."""
        documents = InvoiceDocuments(Typesetter())
        return Outbound(
            dict.fromkeys(self.types, self) | self.channels,
            self,
            documents,
            "http://localhost:8000",
            web_push_key=self.web_push_key,
        )

    async def send(self, message: Message) -> Outcome:
        """Take a message in, unless another outcome was given for the next one."""
        if self.outcomes:
            return self.outcomes.pop(0)
        if not isinstance(message, Email):
            self.messages.append(message)
            return Sent("MAILBOX")
        self.emails.append(message)
        self.mails.append(Mail(message.to, message.subject, message.text, message.attachments))
        return Sent("MAILBOX")

    async def close(self) -> None:
        """Nothing is open."""

    def receive(self, _company_id: UUID | None, events: Sequence[Event]) -> None:
        """Render the e-mails that events ask for."""
        for event in events:
            if isinstance(event, EmailRequested):
                self.mails.append(_rendered(event, orjson.loads(self.decrypt(event.content.encode()))))

    def last(self, to: str) -> Mail:
        return next(mail for mail in reversed(self.mails) if mail.to == to)


def watched(database: Database, mailbox: Mailbox) -> Database:
    """The database with a mailbox that takes in what its transactions ask for."""

    def tell(company_id: UUID | None, events: Sequence[Event]) -> None:
        database._on_events(company_id, events)
        mailbox.receive(company_id, events)

    return Database(database._pool, database.clock, tell, database._is_relayed)


def _rendered(event: EmailRequested, variables: Mapping[str, Any]) -> Mail:
    source = built_in(NotificationKind(event.kind), "en").source
    subject, text = (
        render(each, {**SHOP, "unsubscribe_url": None, **variables}) for each in (source.subject, source.body_text)
    )
    return Mail(event.email, f"A shop: {subject}", text)
