"""What a cart comes to, as the API shows it: the figures of the one place that adds money up."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.promotion.totals import Discount, LineTotal, Totals
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money


@strawberry.type(description="What a promotion takes off, and why.")
class CartDiscount:
    """A promotion's part in a total."""

    promotion_id: UUID = strawberry.field(description="The id of the promotion that gives the discount.")
    name: str = strawberry.field(description="What it is called.")
    code: str | None = strawberry.field(description="Its code; null when it applies by itself.")
    amount: Money = strawberry.field(description="How much it takes off.")
    explanation: str = strawberry.field(description="Why, in words.")


@strawberry.type(description="A code that takes nothing off, and why.")
class CartRefusal:
    """A promotion that the cart carries in vain."""

    promotion_id: UUID = strawberry.field(description="The id of the promotion whose code does not apply now.")
    code: str | None = strawberry.field(description="The code as the buyer entered it.")
    reason: str = strawberry.field(description="Why it does not apply, in words.")
    needs_confirmed_email: bool = strawberry.field(
        description="Whether that is not known before a guest has confirmed their address with `cartEmailConfirm`."
    )


@strawberry.type(description="What a line comes to.")
class CartItemTotals:
    """A line's part in the total."""

    subtotal: Money = strawberry.field(description="Its units at today's price.")
    discount: Money = strawberry.field(description="What promotions take off it.")
    tax: Money = strawberry.field(description="The tax within its total, after discounts.")
    total: Money = strawberry.field(description="What is to be paid for it.")
    discounts: list[CartDiscount] = strawberry.field(description="Which promotion takes off what, and why.")


@strawberry.type(description="What a cart comes to now; an order of it stores these figures.")
class CartTotals:
    """The figures of a cart: its lines' totals and shipping add up to the total."""

    subtotal: Money = strawberry.field(description="The lines at today's prices, before discounts.")
    discount: Money = strawberry.field(description="What promotions take off the lines.")
    shipping: Money = strawberry.field(description="What is to be paid for shipping.")
    shipping_discount: Money = strawberry.field(description="What promotions have taken off shipping.")
    tax: Money = strawberry.field(description="The tax within the total, after discounts.")
    total: Money = strawberry.field(description="What is to be paid.")
    discounts: list[CartDiscount] = strawberry.field(description="Which promotion takes off what, and why.")
    refused: list[CartRefusal] = strawberry.field(description="The codes that take nothing off, and why.")


def figures_of(totals: Totals) -> CartTotals:
    """The figures of a cart, as money."""
    currency = totals.currency
    return CartTotals(
        subtotal=_money(totals.subtotal, currency),
        discount=_money(totals.discount, currency),
        shipping=_money(totals.shipping, currency),
        shipping_discount=_money(totals.shipping_discount, currency),
        tax=_money(totals.tax, currency),
        total=_money(totals.total, currency),
        discounts=_discounts(totals.applied, currency),
        refused=[
            CartRefusal(
                promotion_id=each.promotion_id,
                code=each.code,
                reason=each.reason,
                needs_confirmed_email=each.needs_confirmed_email,
            )
            for each in totals.refused
        ],
    )


def line_figures_of(line: LineTotal, currency: str) -> CartItemTotals:
    """The figures of a line, as money."""
    return CartItemTotals(
        subtotal=_money(line.subtotal, currency),
        discount=_money(line.discount, currency),
        tax=_money(line.tax, currency),
        total=_money(line.total, currency),
        discounts=_discounts(line.discounts, currency),
    )


def _discounts(discounts: Sequence[Discount], currency: str) -> list[CartDiscount]:
    return [
        CartDiscount(
            promotion_id=each.promotion_id,
            name=each.name,
            code=each.code,
            amount=_money(each.amount, currency),
            explanation=each.explanation,
        )
        for each in discounts
    ]


def _money(amount: Decimal, currency: str) -> Money:
    return present(Money, KernelMoney(amount, currency))
