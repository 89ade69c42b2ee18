"""The events of gift cards. Amounts are in the company's currency; codes are encrypted."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self
from uuid import UUID

from domains.auth.emails.requested_emails import EmailRequested
from domains.kernel.events import Event
from domains.payment.gift_cards.models import GiftCard


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardEvent(Event):
    """The base of the events about one gift card."""

    gift_card_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The gift card."""
        return self.gift_card_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardIssued(GiftCardEvent):
    """A gift card was issued by staff, or with a line of an order. Its code is not told."""

    topic: ClassVar[str] = "gift_card.issued"
    origin: str
    amount: Decimal
    currency: str
    expires_at: datetime | None
    order_item_id: UUID | None

    @classmethod
    def of(cls, card: GiftCard) -> Self:
        """The event of a new card."""
        return cls(
            gift_card_id=card.id,
            origin=card.origin.value,
            amount=card.initial_amount,
            currency=card.currency,
            expires_at=card.expires_at,
            order_item_id=card.order_item_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardUpdated(GiftCardEvent):
    """Staff changed a gift card; `changed` names what."""

    topic: ClassVar[str] = "gift_card.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardWasDisabled(GiftCardEvent):
    """A gift card can no longer be spent; it keeps its balance."""

    topic: ClassVar[str] = "gift_card.disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardEnabled(GiftCardEvent):
    """A disabled gift card can be spent again."""

    topic: ClassVar[str] = "gift_card.enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardBalanceAdjusted(GiftCardEvent):
    """Staff changed the balance of a gift card by an amount, which is negative for a deduction."""

    topic: ClassVar[str] = "gift_card.balance_adjusted"
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardBalanceExpired(GiftCardEvent):
    """A gift card expired with this amount, which the company keeps."""

    topic: ClassVar[str] = "gift_card.expired"
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardEmailRequested(EmailRequested):
    """An e-mail with the codes of new gift cards is to be sent to their recipient."""

    topic: ClassVar[str] = "gift_card.email_requested"
