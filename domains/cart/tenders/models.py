"""What gift cards and store credit pay of a cart."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domains.cart.models import CartContents
from domains.payment.gift_cards.models import GiftCard, GiftCardStatus
from domains.payment.models import NOTHING
from domains.pricing.models import Quote


@dataclass(frozen=True, slots=True)
class CartGiftCard:
    """A gift card of a cart: its balance, and the amount that it would pay of the cart now."""

    card: GiftCard
    status: GiftCardStatus
    balance: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CartStoreCredit:
    """The store credit of a cart's customer: its balance, and the amount that it would pay of the cart now."""

    balance: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TenderQuote:
    """The tenders of a cart in the order in which they pay, and what they leave to pay. Amounts in its currency.

    `store_credit` is None for a cart that does not use it.
    """

    currency: str
    gift_cards: Sequence[CartGiftCard]
    store_credit: CartStoreCredit | None
    due: Decimal


def payable_by_tenders(contents: CartContents, quoted: Quote) -> Decimal:
    """What tenders may pay of a quote: all but the lines that are gift cards themselves."""
    sold = {line.id for line in contents.lines if line.offer.product.is_gift_card}
    return quoted.total - sum((line.total for line in quoted.lines if line.key in sold), NOTHING)
