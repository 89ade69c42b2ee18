"""The order to be, while the checkout creates it: the validated input, the cart, its buyer and its quote."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.cart.models import CartContents
from domains.company.models import Company
from domains.kernel.prisma.statements import PartRows
from domains.order.checkout.order_addresses import OrderAddresses
from domains.order.checkout.quotes import CheckoutQuote
from domains.order.models import OrderSettings, OrderTicket
from domains.pricing.models import Quote, ShippingChoice
from domains.promotion.rules import BuyerIdentity
from domains.shipping.delivery_dates import DeliveryDates
from domains.shipping.models import ShippingOption


@dataclass(frozen=True, slots=True)
class CheckoutInput:
    """The validated input of the buyer, with where and how the order is shipped, by which it is taxed."""

    company: Company
    addresses: OrderAddresses
    choice: ShippingChoice
    email: str
    is_confirmed: bool
    notes: str | None
    vat_number: str | None
    language: str | None
    expected_total: Decimal | None
    expected_amount_due: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """The cart, its buyer, its addresses, its quote, and the days on which it is expected to arrive."""

    ticket: OrderTicket
    company: Company
    settings: OrderSettings
    contents: CartContents
    addresses: OrderAddresses
    quote: CheckoutQuote
    delivery: DeliveryDates | None
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
    def shipping_option(self) -> ShippingOption | None:
        """The method by which the goods are shipped; None if there are none to ship."""
        return self.totals.shipping.option

    @property
    def country(self) -> str:
        """The country whose taxes the order has."""
        place = self.quote.terms.place
        return self.addresses.first["country"] if place is None else place.country

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay."""
        return not self.totals.total
