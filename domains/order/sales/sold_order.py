"""What an order has sold: the lines, shipping, rates and country that the ledger is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self
from uuid import UUID

from domains.order.data import OrderItemCreate
from domains.pricing.models import TaxedAmount

ITEM_ARRAYS: Final = (
    *("item_ids", "item_products", "item_totals", "item_taxes", "item_rates", "item_gift_cards", "item_quantities"),
)
SHIPPING_ARRAYS: Final = ("shipping_totals", "shipping_taxes", "shipping_rates")
COLUMNS: Final = (*ITEM_ARRAYS, *SHIPPING_ARRAYS, "country")
NOTHING: Final = Decimal(0)


def arrays_of(order: str) -> str:
    """The SQL of one row of arrays, for the id of an order in SQL.

    A line has the same position in those of items, and a rate in those of shipping; they are null without any.
    """
    return f"""
select items.*, shipping.* from (
  select array_agg(id) as item_ids, array_agg(product_id) as item_products, array_agg(total_price) as item_totals,
    array_agg(tax_amount) as item_taxes, array_agg(tax_rate) as item_rates,
    array_agg(is_gift_card) as item_gift_cards, array_agg(quantity - dropped_quantity) as item_quantities
  from order_items where company_id = $1 and order_id = {order}
) items cross join (
  select array_agg(total) as shipping_totals, array_agg(tax) as shipping_taxes, array_agg(rate) as shipping_rates
  from (
    select sum(taxable + tax) as total, sum(tax) as tax, rate from (
      select max(taxable) as taxable, sum(amount) as tax, sum(rate) as rate from order_taxes
      where company_id = $1 and order_id = {order} and order_item_id is null group by part
    ) parts group by rate
  ) rates
) shipping
"""  # noqa: S608 - a column or a parameter


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of an order: its total with the tax in it, the rate of that, and the units that no edit has removed.

    It has no id before it is stored.
    """

    id: UUID | None
    product_id: UUID
    total: Decimal
    tax: Decimal
    tax_rate: Decimal
    is_gift_card: bool
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class SoldShipping:
    """The shipping of one rate of tax: its total with the tax in it."""

    total: Decimal
    tax: Decimal
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class SoldOrder:
    """The lines of an order, its shipping by rate of tax, and the country whose taxes it has."""

    lines: Sequence[SoldLine]
    shipping: Sequence[SoldShipping]
    country: str | None

    @property
    def product_ids(self) -> list[UUID]:
        """The products, each once."""
        return sorted({line.product_id for line in self.lines})

    @classmethod
    def of_record(cls, values: Sequence[Any]) -> Self:
        """The values of COLUMNS."""
        arrays, country = [array or () for array in values[:-1]], values[-1]
        lines = zip(*arrays[: len(ITEM_ARRAYS)], strict=True)
        shipping = zip(*arrays[len(ITEM_ARRAYS) :], strict=True)
        return cls([SoldLine(*line) for line in lines], [SoldShipping(*part) for part in shipping], country)

    @classmethod
    def of_items(cls, items: Iterable[OrderItemCreate], shipping: Iterable[TaxedAmount], country: str | None) -> Self:
        """The rows of a new order's lines, and the parts of its shipping."""
        lines = [
            SoldLine(
                None,
                item["product_id"],
                item["total_price"],
                item["tax_amount"],
                item["tax_rate"],
                item.get("is_gift_card", False),
                item["quantity"],
            )
            for item in items
        ]
        by_rate: dict[Decimal, SoldShipping] = {}
        for part in shipping:
            sum_so_far = by_rate.get(part.tax_rate, SoldShipping(NOTHING, NOTHING, part.tax_rate))
            total, tax = sum_so_far.total + part.total, sum_so_far.tax + part.tax
            by_rate[part.tax_rate] = SoldShipping(total, tax, part.tax_rate)
        return cls(lines, list(by_rate.values()), country)
