"""The totals of carts in the API, from the quotes of `domains.pricing`."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.pricing.models import Adjustment, LineQuote, Quote, Refusal
from domains.promotion.rules import DiscountSource
from domains.tax.models import TaxExemption
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money
from gateway.graphql.tax.tax_lines import TaxLine, tax_lines

describe(
    DiscountSource,
    "What gives a discount.",
    {
        DiscountSource.PROMOTION: "A promotion, automatic or by its code.",
        DiscountSource.COUPON: "A coupon, by its shared code or a unique one.",
    },
)


@strawberry.type(description="The amount of the discount of a promotion or coupon.")
class CartDiscount:
    """A share of a total."""

    source_type: DiscountSource = strawberry.field(description="Whether a promotion or a coupon gives the discount.")
    promotion_id: UUID | None = strawberry.field(description="The id of the promotion; null for a coupon.")
    coupon_id: UUID | None = strawberry.field(description="The id of the coupon; null for a promotion.")
    name: str = strawberry.field(description="The name of the promotion or coupon, for the buyer.")
    code: str | None = strawberry.field(
        description="The code in capitals; null for an automatic promotion without one."
    )
    amount: Money = strawberry.field(description="The amount that is taken off; positive.")
    explanation: str = strawberry.field(
        description='An explanation of the discount for the buyer, such as "10 % off".'
    )


@strawberry.type(description="A code of the cart that does not apply.")
class CartRefusal:
    """A promotion or coupon whose code has no effect."""

    source_type: DiscountSource = strawberry.field(description="Whether the code is that of a promotion or a coupon.")
    promotion_id: UUID | None = strawberry.field(
        description="The id of the promotion that the code belongs to; null for a coupon."
    )
    coupon_id: UUID | None = strawberry.field(
        description="The id of the coupon that the code belongs to; null for a promotion."
    )
    code: str | None = strawberry.field(
        description="The code in capitals, as it is stored; null when the promotion or coupon has lost it."
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
    discount: Money = strawberry.field(description="The discounts of the line together; positive.")
    tax: Money = strawberry.field(description="The tax that `total` contains, computed after discounts.")
    taxes: list[TaxLine] = strawberry.field(
        description="The taxes that make up `tax`, highest rate first; empty when nothing is to be paid for the line."
    )
    total: Money = strawberry.field(description="The amount to pay for the line, after discounts and with tax.")
    discounts: list[CartDiscount] = strawberry.field(
        description="The promotions and coupons that apply to the line, highest priority first."
    )


@strawberry.type(description="The amounts of a cart at current prices. An order of it stores the same amounts.")
class CartTotals:
    """The totals of the lines and shipping add up to the total."""

    subtotal: Money = strawberry.field(
        description="The sum of the lines at current prices, before discounts and without shipping."
    )
    discount: Money = strawberry.field(description="The discounts of the lines together; positive.")
    shipping: Money = strawberry.field(
        description="The amount to pay for shipping, with tax and after `shippingDiscount`."
    )
    shipping_discount: Money = strawberry.field(description="The discounts of shipping together; positive.")
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
        description="The promotions and coupons that apply to the cart, highest priority first."
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
                **_source(refusal),
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
            **_source(adjustment),
            name=adjustment.name,
            code=adjustment.code,
            amount=_money(adjustment.amount, currency),
            explanation=adjustment.explanation,
        )
        for adjustment in adjustments
    ]


def _source(discount: Adjustment | Refusal) -> dict[str, Any]:
    """What gives a discount, in the fields of CartDiscount and CartRefusal."""
    is_coupon = discount.source is DiscountSource.COUPON
    return {
        "source_type": discount.source,
        "promotion_id": None if is_coupon else discount.source_id,
        "coupon_id": discount.source_id if is_coupon else None,
    }


def _money(amount: Decimal, currency: str) -> Money:
    return present(Money, KernelMoney(amount, currency))
