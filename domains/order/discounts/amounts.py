"""The amounts of manual discounts, and of the lines that they change. Pure; amounts are at the currency's scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self
from uuid import UUID

from domains.order.models import Order, OrderItem, OrderTax
from domains.pricing.models import TaxedAmount
from domains.pricing.taxes import taxed
from domains.tax.models import Tax

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class DiscountedLine:
    """A line of an order with its taxes."""

    item: OrderItem
    taxes: Sequence[OrderTax]
    is_tax_included: bool

    @property
    def left(self) -> Decimal:
        """What is left of the price after discounts, without tax that is added to prices."""
        item = self.item
        return item.total_price if self.is_tax_included else item.total_price - item.tax_amount

    def with_discount(self, amount: Decimal) -> "ChangedLine":
        """The line with a discount of this amount more, or less where it is negative, at its own rates of tax."""
        rates = tuple(Tax(tax.name, tax.rate) for tax in self.taxes)
        left = taxed(self.left - amount, rates, self.item.currency, is_included=self.is_tax_included)
        return ChangedLine(self, amount, left)


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line after its discount has grown by an amount, which is negative when it shrinks."""

    before: DiscountedLine
    amount: Decimal
    after: TaxedAmount

    @property
    def id(self) -> UUID:
        """The id of the line."""
        return self.before.item.id


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """The amounts of an order that a discount changes."""

    discount: Decimal
    tax: Decimal
    total: Decimal

    @classmethod
    def of(cls, order: Order, changed: Sequence[ChangedLine]) -> Self:
        """The amounts of an order after some of its lines have changed; its shipping does not change."""
        tax = sum((line.after.tax - line.before.item.tax_amount for line in changed), NOTHING)
        total = sum((line.after.total - line.before.item.total_price for line in changed), NOTHING)
        discount = sum((line.amount for line in changed), NOTHING)
        return cls(order.discount_amount + discount, order.tax_amount + tax, order.total + total)


def lines_of(order: Order, items: Sequence[OrderItem], taxes: Sequence[OrderTax]) -> list[DiscountedLine]:
    """The lines of an order that can have discounts: gift cards have none."""
    by_item: dict[UUID | None, list[OrderTax]] = {}
    for tax in taxes:
        by_item.setdefault(tax.order_item_id, []).append(tax)
    is_included = order.prices_include_tax
    return [DiscountedLine(item, by_item.get(item.id, []), is_included) for item in items if not item.is_gift_card]


def given_back(lines: Sequence[DiscountedLine], amounts: Mapping[UUID | None, Decimal]) -> list[ChangedLine]:
    """The lines without a discount that took these amounts off them."""
    return [line.with_discount(-amounts[line.item.id]) for line in lines if line.item.id in amounts]
