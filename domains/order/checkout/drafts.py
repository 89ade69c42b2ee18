"""The order to be, while the checkout creates it: the validated input, the cart, its buyer and its quote."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.cart.models import CartContents
from domains.company.models import Company
from domains.kernel.prisma.statements import PartRows
from domains.order.checkout.quotes import CheckoutQuote
from domains.order.data import OrderAddressCreate
from domains.order.models import OrderSettings, OrderTicket
from domains.pricing.models import Quote
from domains.promotion.rules import BuyerIdentity
from domains.tax.models import Destination


@dataclass(frozen=True, slots=True)
class CheckoutInput:
    """The validated input of the buyer; the first address is the shipping address."""

    company: Company
    addresses: list[OrderAddressCreate]
    email: str
    is_confirmed: bool
    notes: str | None
    vat_number: str | None
    expected_total: Decimal | None
    expected_amount_due: Decimal | None

    @property
    def destination(self) -> Destination:
        """Where the goods are sent, by which the order is taxed."""
        shipping = self.addresses[0]
        place = (shipping["country"], shipping.get("province"), shipping["postal_code"] or None)
        return Destination(*place, self.vat_number)


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """The cart, its buyer and its quote."""

    ticket: OrderTicket
    company: Company
    settings: OrderSettings
    contents: CartContents
    quote: CheckoutQuote
    buyer: BuyerIdentity
    token: str | None
    stock: PartRows

    @property
    def id(self) -> UUID:
        """The id of the order."""
        return self.ticket.order_id

    @property
    def totals(self) -> Quote:
        """The amounts of the order."""
        return self.quote.totals

    @property
    def user_id(self) -> UUID | None:
        """The customer; None for a guest."""
        return self.buyer.user_id

    @property
    def email(self) -> str:
        """The buyer's e-mail address."""
        return self.buyer.email or ""

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay."""
        return not self.totals.total
