"""Models of tenders: gift cards and store credit that pay orders."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.payment.models import PaymentMethod


@dataclass(frozen=True, slots=True)
class Tender:
    """A gift card (GIFT_CARD) or store credit (STORE_CREDIT) that can be spent, and its balance, above zero.

    `label` is the end of a card's code, and empty for store credit.
    """

    kind: PaymentMethod
    id: UUID
    balance: Decimal
    currency: str
    label: str


@dataclass(frozen=True, slots=True)
class TenderSpend:
    """What is taken from a tender: more than zero, and at most its balance."""

    tender: Tender
    amount: Decimal
