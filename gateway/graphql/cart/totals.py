"""The totals of carts in the API, from the quotes of `domains.pricing`."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.pricing.models import Adjustment, LineQuote, Quote
from domains.tax.models import TaxExemption
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money
from gateway.graphql.tax.tax_lines import TaxLine, tax_lines


@strawberry.type(description="The amount of a promotion's discount.")
class CartDiscount:
    """A promotion's share of a total."""

    promotion_id: UUID = strawberry.field(description="The id of the promotion that gives the discount.")
    name: str = strawberry.field(description="The name of the promotion, for the buyer.")
    code: str | None = strawberry.field(description="The code of the promotion, in capitals; null when it has none.")
    amount: Money = strawberry.field(description="The amount that is taken off; positive.")
    explanation: str = strawberry.field(
        description='An explanation of the discount for the buyer, such as "10 % off".'
    )


@strawberry.type(description="A code of the cart that does not apply.")
class CartRefusal:
    """A promotion whose code has no effect."""

    promotion_id: UUID = strawberry.field(description="The id of the promotion that the code belongs to.")
    code: str | None = strawberry.field(
        description="The code in capitals, as it is stored; null when the promotion has lost its code."
    )
    reason: str = strawberry.field(description="Why the code does not apply, a sentence for the buyer.")
    needs_confirmed_email: bool = strawberry.field(
        description="Whether the code may apply once the guest confirms an e-mail address with `cartEmailConfirm`."
    )


@strawberry.type(description="The amounts of a line for all of its units.")
class CartItemTotals:
    """The share of a line in the total."""

    subtotal: Money = strawberry.field(
        description=(
            "The quantity times the current unit price before discounts, rounded to the currency's minor unit."
        )
    )
    discount: Money = strawberry.field(description="The amount that promotions take off the line; positive.")
    tax: Money = strawberry.field(description="The tax that `total` contains, computed after discounts.")
    taxes: list[TaxLine] = strawberry.field(
        description="The taxes that make up `tax`, highest rate first; empty when nothing is to be paid for the line."
    )
    total: Money = strawberry.field(description="The amount to pay for the line, after discounts and with tax.")
    discounts: list[CartDiscount] = strawberry.field(
        description="The promotions that apply to the line, highest priority first."
    )


@strawberry.type(description="The amounts of a cart at current prices. An order of it stores the same amounts.")
class CartTotals:
    """The totals of the lines and shipping add up to the total."""

    subtotal: Money = strawberry.field(
        description="The sum of the lines at current prices, before discounts and without shipping."
    )
    discount: Money = strawberry.field(description="The amount that promotions take off the lines; positive.")
    shipping: Money = strawberry.field(
        description="The amount to pay for shipping, with tax and after `shippingDiscount`."
    )
    shipping_discount: Money = strawberry.field(description="The amount that promotions take off shipping; positive.")
    tax: Money = strawberry.field(description="The tax that `total` contains, computed after discounts.")
    taxes: list[TaxLine] = strawberry.field(
        description=(
            "The taxes of lines and shipping that make up `tax`, summed up by tax and rate, highest rate first. They "
            "are those of `Cart.destination`."
        )
    )
    shipping_taxes: list[TaxLine] = strawberry.field(
        description="The taxes of shipping, a part of `taxes`; empty when shipping is free."
    )
    tax_exemption: TaxExemption | None = strawberry.field(
        description="Why there is no tax, and all amounts are without it; null for a sale that is taxed."
    )
    total: Money = strawberry.field(description="The amount to pay, after discounts and with tax and shipping.")
    discounts: list[CartDiscount] = strawberry.field(
        description="The promotions that apply to the cart, highest priority first."
    )
    refused: list[CartRefusal] = strawberry.field(
        description="The codes of the cart that do not apply, with the reason; empty when all apply."
    )


def totals_of(quote: Quote) -> CartTotals:
    """The figures of a cart, as money."""
    currency = quote.currency
    return CartTotals(
        subtotal=_money(quote.subtotal, currency),
        discount=_money(quote.discount, currency),
        shipping=_money(quote.shipping.total, currency),
        shipping_discount=_money(quote.shipping.discount, currency),
        tax=_money(quote.tax, currency),
        taxes=tax_lines(quote.taxes, currency),
        shipping_taxes=tax_lines(quote.shipping.taxes, currency),
        tax_exemption=quote.exemption,
        total=_money(quote.total, currency),
        discounts=_discounts(quote.adjustments, currency),
        refused=[
            CartRefusal(
                promotion_id=refusal.source_id,
                code=refusal.code,
                reason=refusal.reason,
                needs_confirmed_email=refusal.needs_confirmed_email,
            )
            for refusal in quote.refused
        ],
    )


def line_totals_of(line: LineQuote, currency: str) -> CartItemTotals:
    """The figures of a line, as money."""
    return CartItemTotals(
        subtotal=_money(line.subtotal, currency),
        discount=_money(line.discount, currency),
        tax=_money(line.tax, currency),
        taxes=tax_lines(line.taxes, currency),
        total=_money(line.total, currency),
        discounts=_discounts(line.adjustments, currency),
    )


def _discounts(adjustments: Sequence[Adjustment], currency: str) -> list[CartDiscount]:
    return [
        CartDiscount(
            promotion_id=adjustment.source_id,
            name=adjustment.name,
            code=adjustment.code,
            amount=_money(adjustment.amount, currency),
            explanation=adjustment.explanation,
        )
        for adjustment in adjustments
    ]


def _money(amount: Decimal, currency: str) -> Money:
    return present(Money, KernelMoney(amount, currency))
