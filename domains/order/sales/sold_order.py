"""What an order has sold: the lines, rates and country that the ledger is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self
from uuid import UUID

from domains.order.data import OrderItemCreate

# One row of arrays, in which a line of the order $2 has the same position; null without a line.
LINES: Final = """
select array_agg(id) as item_ids, array_agg(product_id) as item_products, array_agg(total_price) as item_totals,
  array_agg(tax_amount) as item_taxes, array_agg(tax_rate) as item_rates, array_agg(is_gift_card) as item_gift_cards
from order_items where company_id = $1 and order_id = $2
"""
ARRAYS: Final = ("item_ids", "item_products", "item_totals", "item_taxes", "item_rates", "item_gift_cards")
COLUMNS: Final = (*ARRAYS, "country")


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of an order: its total with the tax in it, and the rate of that. It has no id before it is stored."""

    id: UUID | None
    product_id: UUID
    total: Decimal
    tax: Decimal
    tax_rate: Decimal
    is_gift_card: bool


@dataclass(frozen=True, slots=True)
class SoldOrder:
    """The lines of an order and the country of its shipping address."""

    lines: Sequence[SoldLine]
    country: str | None

    @property
    def product_ids(self) -> list[UUID]:
        """The products, each once."""
        return sorted({line.product_id for line in self.lines})

    @classmethod
    def of_record(cls, values: Sequence[Any]) -> Self:
        """The values of COLUMNS."""
        *arrays, country = values
        lines = zip(*(array or () for array in arrays), strict=True)
        return cls([SoldLine(*line) for line in lines], country)

    @classmethod
    def of_items(cls, items: Iterable[OrderItemCreate], country: str | None) -> Self:
        """The rows of a new order's lines."""
        lines = [
            SoldLine(
                None,
                item["product_id"],
                item["total_price"],
                item["tax_amount"],
                item["tax_rate"],
                item.get("is_gift_card", False),
            )
            for item in items
        ]
        return cls(lines, country)
