"""The reservation of a new order: its units of stock, its uses of discounts, and what tenders pay of it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.cart.models import CartLine
from domains.inventory.allocation.allocations import OrderUnits
from domains.inventory.allocation.places import Place
from domains.inventory.allocation.stock import sources_part, stock_of
from domains.inventory.errors import InsufficientStock, SkuNotFound
from domains.inventory.reservations import Reserving
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.prisma.statements import Part, PartRows
from domains.order.checkout.tenders import CheckoutTenders
from domains.promotion.service import PromotionService
from domains.tax.models import Destination


@dataclass(frozen=True, slots=True)
class StockReserving:
    """The reservation of an order's stock as a part of its statement, and what it reserves."""

    part: Part
    units: OrderUnits
    reserving: Reserving


class OrderReservation:
    """Locks the balances of tenders, reserves stock by SKU, then redeems discounts by id: the order of locks."""

    def __init__(self, inventory: InventoryService, promotion: PromotionService, tenders: CheckoutTenders) -> None:
        self._inventory = inventory
        self.redemptions = promotion.redemptions
        self.tenders = tenders

    def stock_read(self, tx: Tx, lines: Sequence[CartLine]) -> Part:
        """The stock of the tracked lines in all warehouses, a part of a statement before that of the order."""
        return sources_part(tx, _units(lines))

    async def stock(
        self,
        tx: Tx,
        actor: Actor,
        order_id: UUID,
        expires_at: datetime | None,
        lines: Sequence[CartLine],
        rows: PartRows,
        destination: Destination | None,
        *,
        pickup_warehouse_id: UUID | None = None,
        digital: Collection[str] = (),
    ) -> StockReserving | None:
        """The reservation of the tracked units of the lines, until `expires_at`, a part of the order's statement.

        They are allocated by the stock of `stock_read` to warehouses that serve the destination, or to that of the
        pick-up alone. The `digital` SKUs are delivered by the payment, so they are never put on backorder. Raises
        InsufficientStock for what this buyer cannot get.
        """
        quantities = _units(lines)
        if not quantities:
            return None
        place = Place.of(destination.country, destination.province, destination.postal_code) if destination else None
        units = OrderUnits(order_id, quantities, expires_at, place, pickup_warehouse_id, digital)
        with _of_cart():
            reserving = await self._inventory.allocations.reserving(tx, actor, units, stock_of(rows))
        return StockReserving(reserving.part, units, reserving) if reserving else None

    async def finish_stock(self, tx: Tx, actor: Actor, stock: StockReserving, rows: PartRows) -> None:
        """Check what the part returned.

        Two more statements when the stock has changed since it was read. Raises InsufficientStock, SkuNotFound.
        Emits StockReserved, BackorderCreated, StockChanged, StockRanLow, StockRanOut.
        """
        with _of_cart():
            await self._inventory.allocations.finish(tx, actor, stock.units, stock.reserving, rows)


@contextmanager
def _of_cart() -> Iterator[None]:
    """Errors about stock name the cart."""
    try:
        yield
    except (InsufficientStock, SkuNotFound) as error:
        error.field = ("cart_token",)
        raise


def _units(lines: Sequence[CartLine]) -> dict[str, int]:
    """The tracked units of lines by SKU."""
    units: dict[str, int] = {}
    for line in lines:
        if line.sku and line.offer.is_tracked:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units
