"""Orders that are shipped in parcels, by staff."""

from collections.abc import Mapping
from typing import Any

from domains.kernel.actor import Actor
from domains.order.fulfilment.packed_units import ParcelUnits
from domains.order.fulfilment.parcels import NewParcel
from domains.order.models import Order
from domains.shipping.shipments.models import Shipment
from tests.domains.order.storefront import Storefront


async def paid_order(shop: Storefront, buyer: Actor, *wanted: tuple[str, int]) -> Order:
    """An order of a customer that is paid by card."""
    return await shop.pay(buyer, await shop.buy(buyer, *wanted))


async def units(shop: Storefront, order: Order, wanted: Mapping[str, int]) -> list[ParcelUnits]:
    """Units of an order's lines by SKU."""
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    ids = {item.sku: item.id for item in items}
    return [ParcelUnits(ids[sku], number) for sku, number in wanted.items()]


async def ship(
    shop: Storefront, clerk: Actor, order: Order, wanted: Mapping[str, int] | None = None, **given: Any
) -> Shipment:
    """A shipment of units by SKU, or of all that are left; dispatched unless told otherwise."""
    lines = None if wanted is None else await units(shop, order, wanted)
    new = NewParcel(order_id=order.id, lines=lines, **given)
    made: Shipment = await shop.run(lambda tx: shop.services.order.parcels.create(tx, clerk, new), clerk)
    return made


async def dispatch(shop: Storefront, clerk: Actor, shipment: Shipment, **details: Any) -> Shipment:
    """Dispatch a packed shipment."""
    parcels = shop.services.order.parcels
    given: Any = details
    made: Shipment = await shop.run(lambda tx: parcels.dispatch(tx, clerk, shipment.id, given), clerk)
    return made


async def cancel(shop: Storefront, clerk: Actor, shipment: Shipment) -> Shipment:
    """Unpack a shipment."""
    parcels = shop.services.order.parcels
    made: Shipment = await shop.run(lambda tx: parcels.cancel(tx, clerk, shipment.id), clerk)
    return made


async def contents(shop: Storefront, order: Order) -> dict[int, tuple[str, dict[str, int]]]:
    """The status and the units by SKU of each shipment of an order, by its position."""
    reader, shipments = shop.database.reader(shop.company_id), shop.services.shipping.shipments
    lines = await shipments.lines_of_orders(reader, [order.id])
    return {
        each.position: (
            each.status.value,
            {line.sku: line.quantity for line in lines if line.shipment_id == each.id},
        )
        for each in await shipments.of_orders(reader, [order.id])
    }
