"""Models of gift cards."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum, auto
from typing import Final, TypedDict
from uuid import UUID

from domains.kernel.values.secret import Secret
from domains.payment.audit.log import Subject
from domains.payment.data import GiftCardOrigin
from domains.payment.data import GiftCardRow as GiftCard
from domains.payment.models import NOTHING
from domains.payment.providers.recorded_provider import GIFT_CARD

__all__ = [
    "BY_SETTINGS",
    "GiftCard",
    "GiftCardChanges",
    "GiftCardOrigin",
    "GiftCardStatus",
    "IssuedGiftCard",
    "NewGiftCard",
    "status_of",
    "subject_of",
]


class GiftCardStatus(StrEnum):
    """Whether a gift card can be spent, and if not, why."""

    ACTIVE = "ACTIVE"
    EMPTY = "EMPTY"
    EXPIRED = "EXPIRED"
    DISABLED = "DISABLED"


class DefaultExpiry(Enum):
    """The expiry that follows from the company's settings."""

    BY_SETTINGS = auto()


BY_SETTINGS: Final = DefaultExpiry.BY_SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGiftCard:
    """A gift card to issue; the amount is in the company's currency.

    Without a `code` it gets a random one. It expires as the settings say, unless `expires_at` is given: None is
    never. A `recipient_email` gets the code by e-mail. `order_item_id` is the line with which an ORDER sold it.
    """

    amount: Decimal
    origin: GiftCardOrigin = GiftCardOrigin.PROMOTION
    code: Secret | None = None
    expires_at: datetime | DefaultExpiry | None = BY_SETTINGS
    recipient_email: str | None = None
    note: str | None = None
    order_item_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class IssuedGiftCard:
    """A new gift card with its code, which is not stored: this is the only time that it can be shown."""

    card: GiftCard
    code: Secret = field(repr=False)


class GiftCardChanges(TypedDict, total=False):
    """Changes of a gift card; absent fields do not change."""

    expires_at: datetime | None
    note: str | None


def status_of(card: GiftCard, balance: Decimal, now: datetime) -> GiftCardStatus:
    """The status of a card with a balance; a disabled one is DISABLED whatever else."""
    if card.disabled_at is not None:
        return GiftCardStatus.DISABLED
    if card.expires_at is not None and card.expires_at <= now:
        return GiftCardStatus.EXPIRED
    return GiftCardStatus.ACTIVE if balance > NOTHING else GiftCardStatus.EMPTY


def subject_of(card: GiftCard, amount: Decimal | None = None) -> Subject:
    """A card in the audit log, with the amount that was acted on."""
    currency = None if amount is None else card.currency
    return Subject(provider=GIFT_CARD, amount=amount, currency=currency, details=f"gift card {card.id}")
