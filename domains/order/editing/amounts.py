"""The amounts of lines that an edit changes. Pure; amounts are at the currency's scale.

They are always those of the units that are wanted: a decreased line keeps its share of its discounts, the last unit
takes what is left of them, and added units have none. Its tax is computed again at its own rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.values.money import allocate, round_half_up
from domains.order.models import OrderAdjustment, OrderItem, OrderTax
from domains.pricing.models import TaxedAmount
from domains.pricing.taxes import taxed
from domains.tax.models import Tax, Taxes

NOTHING: Final = Decimal(0)


def wanted_of(item: OrderItem) -> int:
    """The units of a line that no edit has removed."""
    return item.quantity - item.dropped_quantity


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of an order with its taxes and the discounts of it."""

    item: OrderItem
    taxes: Sequence[OrderTax]
    adjustments: Sequence[OrderAdjustment]
    is_included: bool

    @property
    def wanted(self) -> int:
        """The units that no edit has removed."""
        return wanted_of(self.item)

    @property
    def left(self) -> Decimal:
        """What is left of the price after discounts, without tax that is added to prices."""
        item = self.item
        return item.total_price if self.is_included else item.total_price - item.tax_amount

    @property
    def subtotal(self) -> Decimal:
        """The price before discounts."""
        return self.left + self.item.discount_amount

    @property
    def rates(self) -> Taxes:
        """The taxes of the line; none are stored of a line that costs nothing."""
        return tuple(Tax(tax.name, tax.rate) for tax in self.taxes)

    def with_wanted(self, wanted: int, rates: Taxes) -> "EditedLine":
        """The line with another number of units, at these taxes."""
        subtotal = self._subtotal(wanted)
        discount = min(self._discount(wanted), subtotal)
        amount = taxed(subtotal - discount, rates, self.item.currency, is_included=self.is_included)
        return EditedLine(self, wanted, subtotal, discount, amount)

    def _subtotal(self, wanted: int) -> Decimal:
        unit_price, currency = self.item.unit_price, self.item.currency
        if wanted == self.wanted:
            return self.subtotal
        if self.subtotal == round_half_up(unit_price * self.wanted, currency):
            return round_half_up(unit_price * wanted, currency)
        # The price without tax of an order that is exempt has more decimals than are stored.
        if wanted > self.wanted:
            return self.subtotal + round_half_up(unit_price * (wanted - self.wanted), currency)
        return round_half_up(self.subtotal * wanted / self.wanted, currency)

    def _discount(self, wanted: int) -> Decimal:
        discount = self.item.discount_amount
        if wanted >= self.wanted:
            return discount
        return round_half_up(discount * wanted / self.wanted, self.item.currency)


@dataclass(frozen=True, slots=True)
class EditedLine:
    """A line after an edit: its units, its price before discounts, the discounts, and what is left with its taxes."""

    before: OrderedLine
    wanted: int
    subtotal: Decimal
    discount: Decimal
    amount: TaxedAmount

    @property
    def item(self) -> OrderItem:
        """The line before the edit."""
        return self.before.item

    @property
    def added(self) -> int:
        """The units that are ordered in addition."""
        return max(self.wanted - self.before.wanted, 0)

    @property
    def dropped(self) -> int:
        """The units that are removed."""
        return max(self.before.wanted - self.wanted, 0)

    @property
    def adjustments(self) -> Mapping[UUID, Decimal]:
        """What each discount of the line takes off it now, by their ids; together the discount."""
        rows = self.before.adjustments
        if self.discount == self.item.discount_amount:
            return {row.id: row.amount for row in rows}
        shares = allocate(self.discount, [row.amount for row in rows], self.item.currency)
        return {row.id: share for row, share in zip(rows, shares, strict=True)}


@dataclass(frozen=True, slots=True)
class ShippingParts:
    """The shipping of an order by combination of taxes, before and after an edit; None when it stays."""

    before: Decimal
    tax_before: Decimal
    after: Sequence[TaxedAmount] | None = None

    @property
    def total(self) -> Decimal:
        """What shipping costs, with tax."""
        return self.before if self.after is None else sum((part.total for part in self.after), NOTHING)

    @property
    def tax(self) -> Decimal:
        """The tax of shipping."""
        return self.tax_before if self.after is None else sum((part.tax for part in self.after), NOTHING)
