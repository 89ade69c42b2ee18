"""What an order contains when staff edit it: its lines, what of them is packed or refunded, and their products."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.catalog.products.offers import Offer
from domains.catalog.service import CatalogService
from domains.inventory.movements import LevelKey
from domains.kernel.database import Reader
from domains.order import data
from domains.order.editing.amounts import NOTHING, OrderedLine
from domains.order.models import Order, OrderTax
from domains.payment.models import RefundLine, RefundLineKind
from domains.payment.service import PaymentService
from domains.shipping.service import ShippingService


@dataclass(frozen=True, slots=True)
class Refunded:
    """What refunds gave back of a line, or are giving back: units, their amount, and its tax."""

    units: int = 0
    amount: Decimal = NOTHING
    tax: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class OrderContents:
    """The lines of an order, in their order.

    `packed` are the units of each line in shipments that are not cancelled. `kept` are those that are packed and not
    shipped yet, by SKU and warehouse. `offers` are the products of the lines as they are now.
    """

    order: Order
    lines: Mapping[UUID, OrderedLine]
    shipping_taxes: Sequence[OrderTax]
    packed: Mapping[UUID, int]
    kept: Mapping[LevelKey, int]
    refunded: Mapping[UUID, Refunded]
    is_itemized: bool
    offers: Mapping[UUID, Offer]

    def sku(self, item_id: UUID) -> str:
        """The present SKU of a line, which may have been renamed since; empty for none."""
        offer = self.offers.get(item_id)
        return (offer.sku if offer else None) or self.lines[item_id].item.sku


class ContentsReader:
    """Reads the contents of orders."""

    def __init__(self, catalog: CatalogService, shipping: ShippingService, payment: PaymentService) -> None:
        self._catalog = catalog
        self._shipping = shipping
        self._payment = payment

    async def of(self, db: Reader, order: Order) -> OrderContents:
        """The contents of an order. Seven statements at most."""
        of_order: data.OrderItemWhere = {"order_id": order.id}
        items = await data.order_item.find_many(db, where=of_order, order_by=[{"id": "asc"}])
        taxes = await data.order_tax.find_many(db, where={"order_id": order.id}, order_by=[{"id": "asc"}])
        discounts = await data.order_adjustment.find_many(db, where={"order_id": order.id}, order_by=[{"id": "asc"}])
        found = await self._catalog.offers.find(db, {(item.product_id, item.variant_id) for item in items})
        offers = {item.id: found[key] for item in items if (key := (item.product_id, item.variant_id)) in found}
        refunds = await self._payment.refunds.lines_of_orders(db, [order.id]) if order.amount_captured else []
        taxes_of, discounts_of = defaultdict(list), defaultdict(list)
        for tax in taxes:
            taxes_of[tax.order_item_id].append(tax)
        for discount in discounts:
            discounts_of[discount.order_item_id].append(discount)
        included = order.prices_include_tax
        lines = {item.id: OrderedLine(item, taxes_of[item.id], discounts_of[item.id], included) for item in items}
        packed, kept = await self._packed(db, order, {item.id: _sku(offers, item) for item in items})
        is_itemized = any(line.kind in {RefundLineKind.ITEM, RefundLineKind.SHIPPING} for line in refunds)
        return OrderContents(order, lines, taxes_of[None], packed, kept, _refunded(refunds), is_itemized, offers)

    async def _packed(
        self, db: Reader, order: Order, skus: Mapping[UUID, str]
    ) -> tuple[Counter[UUID], Counter[LevelKey]]:
        """The packed units of each line, and those that are not shipped yet by SKU and warehouse. Two statements."""
        packed, kept = Counter[UUID](), Counter[LevelKey]()
        shipments = await self._shipping.shipments.of_orders(db, [order.id])
        valid = {shipment.id: shipment for shipment in shipments if shipment.cancelled_at is None}
        for line in await self._shipping.shipments.lines_of_orders(db, [order.id]) if valid else ():
            if (shipment := valid.get(line.shipment_id)) is None:
                continue
            packed[line.order_item_id] += line.quantity
            if shipment.shipped_at is None:
                kept[skus[line.order_item_id], shipment.warehouse_id] += line.quantity
        return packed, kept


def _sku(offers: Mapping[UUID, Offer], item: data.OrderItemRow) -> str:
    offer = offers.get(item.id)
    return (offer.sku if offer else None) or item.sku


def _refunded(lines: Sequence[RefundLine]) -> dict[UUID, Refunded]:
    refunded: dict[UUID, Refunded] = {}
    for line in lines:
        if line.order_item_id is not None:
            so_far = refunded.get(line.order_item_id, Refunded())
            units = so_far.units + (line.quantity or 0)
            refunded[line.order_item_id] = Refunded(units, so_far.amount + line.amount, so_far.tax + line.tax)
    return refunded
