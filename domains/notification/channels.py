"""Channels: the port by which notifications leave the platform, and what a channel answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from domains.kernel.ports import Encryption
from domains.kernel.values.public_addresses import is_public_url
from domains.notification.data import NotificationType
from domains.order.invoices.models import Invoice


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an e-mail."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An e-mail. Its id becomes the Message-ID, by which receivers recognize a second delivery.

    `to` is an address, and `sender_name` the name beside the installation's address. `html` is null for plain text.
    """

    id: UUID
    to: str
    subject: str
    text: str
    created_at: datetime
    html: str | None = None
    sender_name: str | None = None
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """An SMS to a telephone number (E.164).

    `company` is the slug, for reports of what became of it. `is_repeated` says that a provider may have it already.
    """

    id: UUID
    to: str
    text: str
    created_at: datetime
    company: str | None = None
    is_repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PushMessage:
    """A push notification to one device. `keys` encrypt it for a browser (RFC 8291), and are empty for an app.

    A device shows one message per id: a second delivery replaces the first. An urgent one wakes it at once. A device
    that cannot be reached for the time `kept_for` does not get it.
    """

    id: UUID
    address: str = field(repr=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    title: str
    text: str
    url: str | None = None
    is_urgent: bool = False
    kept_for: timedelta = timedelta(days=1)
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InAppMessage:
    """An entry in the list of a user in the shop. It is there once it is recorded; no channel takes it."""

    id: UUID
    title: str
    text: str


Message: TypeAlias = Email | TextMessage | PushMessage


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has taken the message. `message_id` is the provider's."""

    provider: str
    message_id: str | None = None
    response: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    """The message could not be sent now. `after` is the provider's wish; `error` has no personal data."""

    provider: str
    error: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refuses this message for good; another to the same recipient may succeed."""

    provider: str
    error: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The recipient does not exist: nothing can be sent there any more."""

    provider: str
    error: str


Outcome: TypeAlias = Sent | Retry | Rejected | Gone


class Channel(Protocol):
    """Sends messages of one type. May be called concurrently, and again with the same message."""

    async def send(self, message: Any) -> Outcome:
        """Send a message. Raises nothing that a provider or a network can cause."""
        ...

    async def close(self) -> None:
        """Close what is open; no message is being sent."""
        ...


class Documents(Protocol):
    """Makes the documents that e-mails have as attachments."""

    async def pdf(self, invoice: Invoice) -> bytes:
        """An invoice or a credit note as PDF. Raises Busy and TooMany."""
        ...


@dataclass(frozen=True, slots=True)
class Outbound:
    """The channels of an installation, and what their messages need.

    `encryption` is that of what waits, `wake` wakes the delivery after a commit, and links to this installation begin
    with `public_url`. Browsers subscribe with `web_push_key`, if push to browsers is set up, and `may_post` says
    whether requests may go to an endpoint.
    """

    channels: Mapping[NotificationType, Channel]
    encryption: Encryption
    documents: Documents
    public_url: str
    wake: Callable[[], None] = lambda: None
    web_push_key: str | None = None
    may_post: Callable[[str], bool] = is_public_url

    async def close(self) -> None:
        """Close the channels, each once."""
        for channel in {id(each): each for each in self.channels.values()}.values():
            await channel.close()
