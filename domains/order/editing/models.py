"""What staff change of an order, and what that makes of its amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.order import data
from domains.order.editing.amounts import NOTHING, EditedLine, ShippingParts
from domains.order.editing.contents import OrderContents
from domains.order.editing.line_terms import LineTerms
from domains.order.editing.new_lines import BuiltLines, NewOrderLine
from domains.order.models import AddressFields, Order
from domains.order.summary import OrderFacts
from domains.shipping.delivery_dates import DeliveryDates

MAX_LINES: Final = 250


@dataclass(frozen=True, slots=True)
class LineChange:
    """The new number of units of a line of an order; 0 removes it."""

    order_item_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEdit:
    """What staff change of an order: lines that are added, units of its lines, the shipping address.

    `expected_total` is the total that staff were shown for the order after the edit.
    """

    add_lines: Sequence[NewOrderLine] = ()
    changes: Sequence[LineChange] = ()
    shipping_address: AddressFields | None = None
    expected_total: Decimal | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPlan:
    """An edit that is allowed, with the amounts that it makes. Nothing of it is written yet.

    `delivery` is when the goods are expected at a new `address`.
    """

    order: Order
    lines: Sequence[EditedLine]
    built: BuiltLines
    shipping: ShippingParts
    address: data.OrderAddressCreate | None
    delivery: DeliveryDates | None
    terms: LineTerms | None
    contents: OrderContents

    @property
    def totals(self) -> data.OrderUpdate:
        """The amounts and sums of units of the order after the edit."""
        order, built, shipping = self.order, self.built, self.shipping
        subtotal = sum((line.subtotal - line.before.subtotal for line in self.lines), built.subtotal)
        discount = sum((line.discount - line.item.discount_amount for line in self.lines), NOTHING)
        tax = sum((line.amount.tax - line.item.tax_amount for line in self.lines), built.tax)
        total = sum((line.amount.total - line.item.total_price for line in self.lines), built.total)
        digital = sum(line.added - line.dropped for line in self.lines if not line.item.requires_shipping)
        return {
            "subtotal": order.subtotal + subtotal,
            "discount_amount": order.discount_amount + discount,
            "tax_amount": order.tax_amount + tax + shipping.tax - shipping.tax_before,
            "shipping_cost": shipping.total,
            "total": order.total + total + shipping.total - shipping.before,
            "units_ordered": order.units_ordered + built.ordered + sum(line.added for line in self.lines),
            "units_dropped": order.units_dropped + sum(line.dropped for line in self.lines),
            "units_digital": order.units_digital + built.digital_units + digital,
        }

    @property
    def after(self) -> Order:
        """The order with the amounts and units after the edit."""
        return data.order.from_record.changed(self.order, self.totals)

    @property
    def amount_due(self) -> Decimal:
        """What is left to pay after the edit."""
        return OrderFacts.of(self.after).outstanding

    @property
    def amount_overpaid(self) -> Decimal:
        """What was paid above the total after the edit, and can be returned."""
        return OrderFacts.of(self.after).overpaid

    @property
    def changes_anything(self) -> bool:
        """Whether lines, units or the address are others after the edit."""
        return bool(self.built.items or self.address or any(line.added or line.dropped for line in self.lines))

    @property
    def _moved(self) -> dict[str, str | None] | None:
        """The ids of the shipping addresses before and after; None where it stays."""
        if self.address is None:
            return None
        before = self.order.shipping_address_id
        return {"from": str(before) if before else None, "to": str(self.address["id"])}

    @property
    def changes(self) -> dict[str, Any]:
        """The edit as it is stored: lines with their units before and after; it has no personal data."""
        changed = [line for line in self.lines if line.added or line.dropped]
        return {
            "added": [
                {"order_item_id": str(item["id"]), "sku": item["sku"], "quantity": item["quantity"]}
                for item in self.built.items
            ],
            "changed": [
                {
                    "order_item_id": str(line.item.id),
                    "sku": line.item.sku,
                    "from": line.before.wanted,
                    "to": line.wanted,
                }
                for line in changed
            ],
            "address": self._moved,
        }
