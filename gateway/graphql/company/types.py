"""Companies as the API shows them: to everybody as the shop, to its staff with all settings."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.kernel.values.money import UnitPrices
from domains.payment.models import PaymentAudience
from gateway.graphql.core.fields import computed, present, relation
from gateway.graphql.core.scalars import CurrencyCode, Money
from gateway.graphql.payment import types as _types  # noqa: F401 - PaymentAudience must be a GraphQL enum first
from gateway.graphql.payment.loaders import (
    load_card_payments,
    load_cash_on_delivery,
    load_invoice_payments,
    load_payment_provider,
)


@strawberry.type(description="The company that a request is for, as its customers know it.")
class Shop:
    """What is public of the company domain's Company."""

    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="What a request names it by.")
    currency: CurrencyCode = strawberry.field(description="The currency of all its prices.")
    tax_rate: Decimal = strawberry.field(description="The rate of tax on its sales, a fraction: 0.19 is 19 %.")
    prices_include_tax: bool = strawberry.field(description="Whether prices are shown with tax in them.")
    time_zone: str = strawberry.field(description="Where its days begin and end, by its IANA name: Europe/Berlin.")

    @computed
    def unit_price_decimals(self) -> int:
        """How many decimals a unit price may have. What is paid is rounded to the currency's minor unit, by line."""
        return UnitPrices.of(self.currency, self.unit_price_decimals).decimals

    guest_checkout: bool = strawberry.field(description="Whether guests can order, or only who is signed in.")
    max_order_units: int = strawberry.field(description="The most units in one order.")
    max_order_lines: int = strawberry.field(description="The most lines in one cart or order.")
    max_line_units: int = strawberry.field(description="The most units of one line.")
    payment_minutes: int = strawberry.field(description="How many minutes an order holds its goods for its payment.")

    @computed
    def max_order_value(self) -> Money | None:
        """The highest total of one order; null without a limit."""
        return _money(self.max_order_value, self.currency)

    @computed
    def flat_shipping(self) -> Money:
        """What shipping costs, however much is bought."""
        return present(Money, KernelMoney(self.flat_shipping, self.currency))

    @computed
    def free_shipping_threshold(self) -> Money | None:
        """From which total on shipping is free; null when it never is."""
        return _money(self.free_shipping_threshold, self.currency)


@strawberry.type(description="A company that sells, with all its settings.")
class Company(Shop):
    """The company domain's Company."""

    id: UUID = strawberry.field(description="Its id.")
    order_number_pattern: str = strawberry.field(
        description="How its orders are numbered: {number} or {number:06}, with {year}, {month} and {day} at will."
    )
    payment_provider: str = relation(
        "id", load_payment_provider, description="The name of the provider that takes new payments: MOCK."
    )
    card_payments: PaymentAudience = relation("id", load_card_payments, description="The buyers who can pay by card.")
    invoice_payments: PaymentAudience = relation(
        "id", load_invoice_payments, description="The buyers who can pay by invoice."
    )
    cash_on_delivery: PaymentAudience = relation(
        "id", load_cash_on_delivery, description="The buyers who can pay in cash on delivery."
    )
    acceptance_hours: int = strawberry.field(
        description="How many hours after it was placed an order by invoice or cash on delivery waits to be accepted."
    )
    max_unpaid_orders: int = strawberry.field(
        description=(
            "How many orders of one customer, or from one network address, may wait to be paid or accepted. Together "
            "they have at most as many units as the largest order."
        )
    )

    @computed
    def accept_unpaid_up_to(self) -> Money | None:
        """Up to which total an order by invoice or cash on delivery is accepted at once; null: staff accept each."""
        return _money(self.accept_unpaid_up_to, self.currency)

    is_active: bool = strawberry.field(description="Whether requests are served in its name.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else present(Money, KernelMoney(amount, currency))
