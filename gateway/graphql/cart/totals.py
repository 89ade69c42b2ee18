"""The totals of carts in the API, from the quotes of `domains.pricing`."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.pricing.models import Adjustment, LineQuote, Quote
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money


@strawberry.type(description="The amount of a promotion's discount.")
class CartDiscount:
    """A promotion's share of a total."""

    promotion_id: UUID = strawberry.field(description="The promotion that gives the discount.")
    name: str = strawberry.field(description="Name of the promotion.")
    code: str | None = strawberry.field(description="Code of the promotion; null if it has none.")
    amount: Money = strawberry.field(description="The amount taken off, positive.")
    explanation: str = strawberry.field(description='Explanation for the buyer, such as "10 % off".')


@strawberry.type(description="A code of the cart that does not apply.")
class CartRefusal:
    """A promotion whose code has no effect."""

    promotion_id: UUID = strawberry.field(description="The promotion of the code.")
    code: str | None = strawberry.field(description="The code as it is stored, in capitals.")
    reason: str = strawberry.field(description="Reason for the buyer.")
    needs_confirmed_email: bool = strawberry.field(
        description="Whether the code may apply once the guest confirms an e-mail address with `cartEmailConfirm`."
    )


@strawberry.type(description="Figures of a line.")
class CartItemTotals:
    """The share of a line in the total."""

    subtotal: Money = strawberry.field(
        description="Quantity times the current unit price, rounded to the currency's minor unit."
    )
    discount: Money = strawberry.field(description="Amount that promotions take off the line.")
    tax: Money = strawberry.field(description="Tax contained in `total`, computed after discounts.")
    total: Money = strawberry.field(description="Amount to pay for the line, tax included.")
    discounts: list[CartDiscount] = strawberry.field(
        description="The promotions that apply, in the order of their priority."
    )


@strawberry.type(description="Figures of a cart now. An order of it stores the same figures.")
class CartTotals:
    """The totals of the lines and shipping add up to the total."""

    subtotal: Money = strawberry.field(description="Sum of the lines at current prices, before discounts.")
    discount: Money = strawberry.field(description="Amount that promotions take off the lines.")
    shipping: Money = strawberry.field(description="Amount to pay for shipping, after `shippingDiscount`.")
    shipping_discount: Money = strawberry.field(description="Amount that promotions take off shipping.")
    tax: Money = strawberry.field(description="Tax contained in `total`, computed after discounts.")
    total: Money = strawberry.field(description="Amount to pay, tax and shipping included.")
    discounts: list[CartDiscount] = strawberry.field(
        description="The promotions that apply, in the order of their priority."
    )
    refused: list[CartRefusal] = strawberry.field(description="The codes of the cart that do not apply.")


def totals_of(quote: Quote) -> CartTotals:
    """The figures of a cart, as money."""
    currency = quote.currency
    return CartTotals(
        subtotal=_money(quote.subtotal, currency),
        discount=_money(quote.discount, currency),
        shipping=_money(quote.shipping.total, currency),
        shipping_discount=_money(quote.shipping.discount, currency),
        tax=_money(quote.tax, currency),
        total=_money(quote.total, currency),
        discounts=_discounts(quote.adjustments, currency),
        refused=[
            CartRefusal(
                promotion_id=refusal.promotion_id,
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
        total=_money(line.total, currency),
        discounts=_discounts(line.adjustments, currency),
    )


def _discounts(adjustments: Sequence[Adjustment], currency: str) -> list[CartDiscount]:
    return [
        CartDiscount(
            promotion_id=adjustment.promotion_id,
            name=adjustment.name,
            code=adjustment.code,
            amount=_money(adjustment.amount, currency),
            explanation=adjustment.explanation,
        )
        for adjustment in adjustments
    ]


def _money(amount: Decimal, currency: str) -> Money:
    return present(Money, KernelMoney(amount, currency))
