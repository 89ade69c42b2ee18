"""Edits of orders in tests: a shop with several products, and short ways to change orders."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domains.kernel.actor import Actor
from domains.kernel.idempotency.attempts import Attempt
from domains.order.editing.edits import EditedOrder
from domains.order.editing.models import EditPlan, LineChange, NewEdit
from domains.order.editing.new_lines import NewOrderLine
from domains.order.models import AddressFields, Order, OrderItem
from tests.domains.order.storefront import Storefront


@dataclass
class Editor:
    """A member of staff who edits the orders of a shop."""

    shop: Storefront
    staff: Actor

    async def item(self, order: Order, sku: str) -> OrderItem:
        """The line of a SKU."""
        reader = self.shop.database.reader(self.shop.company_id)
        items = await self.shop.services.order.items_of(reader, [order.id])
        return next(item for item in items if item.sku == sku)

    def line(self, sku: str, quantity: int = 1, price: str | None = None) -> NewOrderLine:
        """Units to add."""
        given = None if price is None else Decimal(price)
        return NewOrderLine(product_id=self.shop.products[sku].id, quantity=quantity, unit_price=given)

    async def edit(
        self,
        order: Order,
        *added: NewOrderLine,
        to: AddressFields | None = None,
        total: str | None = None,
        refund: bool = True,
        attempt: Attempt | None = None,
        actor: Actor | None = None,
        **units: int,
    ) -> EditedOrder:
        """Change an order: units by SKU, lines that are added, the address."""
        new = await self.new(order, *added, to=to, total=total, **units)
        edits, by = self.shop.services.order.edits, actor or self.staff
        return await edits.edit(attempt or self.shop.database, by, order.id, new, refund=refund)

    async def preview(self, order: Order, *added: NewOrderLine, **units: Any) -> EditPlan:
        """What an edit would make of an order."""
        reader = self.shop.database.reader(self.shop.company_id)
        new = await self.new(order, *added, **units)
        return await self.shop.services.order.edits.preview(reader, self.staff, order.id, new)

    async def new(
        self,
        order: Order,
        *added: NewOrderLine,
        to: AddressFields | None = None,
        total: str | None = None,
        **units: int,
    ) -> NewEdit:
        changes = [LineChange((await self.item(order, sku)).id, number) for sku, number in units.items()]
        return NewEdit(
            add_lines=added,
            changes=changes,
            shipping_address=to,
            expected_total=None if total is None else Decimal(total),
            reason="The customer called",
        )
