"""The allocation of new orders: from which warehouses their units are reserved, and which units they wait for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domains.inventory.allocation.places import Place
from domains.inventory.allocation.policy import AllocationRequest, SourceStock, allocate
from domains.inventory.allocation.reserve_sql import NewBackorders
from domains.inventory.allocation.stock import lock_sources
from domains.inventory.backorders import destinations
from domains.inventory.backorders.sql import awaited_units
from domains.inventory.errors import AllocationOutdated, InsufficientStock
from domains.inventory.level_sql import lock_stock
from domains.inventory.models import InventorySettings
from domains.inventory.movements import LevelKey
from domains.inventory.reservations import Reservations, Reserving
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import PartRows
from domains.kernel.settings import SettingsTable


@dataclass(frozen=True, slots=True)
class OrderUnits:
    """The units of an order by SKU, and where they go; until `expires_at` they are reserved, None is for ever.

    The SKUs `without_backorders` are taken from stock only.
    """

    order_id: UUID
    quantities: Mapping[str, int]
    expires_at: datetime | None
    destination: Place | None
    pickup_warehouse_id: UUID | None = None
    without_backorders: Collection[str] = ()


class Allocations:
    """Reserves the units of new orders by the strategy of the company."""

    def __init__(self, settings: SettingsTable[InventorySettings], reservations: Reservations) -> None:
        self._settings = settings
        self._reservations = reservations

    async def change(
        self,
        tx: Tx,
        actor: Actor,
        added: OrderUnits,
        dropped: Mapping[str, int],
        kept: Mapping[LevelKey, int],
        *,
        is_moved: bool = False,
    ) -> None:
        """Release units of an order that are dropped, as `Reservations.drop`, then reserve those that are added.

        With `is_moved`, units that the order waits for go to the destination from now on, and those that are free
        for it are reserved. All items are locked first, in the order of SKUs. No statement without units, one if the
        order is moved. Raises SkuNotFound, and InsufficientStock for what this buyer cannot get. Emits as `finish`,
        `Reservations.drop` and `destinations.move`.
        """
        awaited = {each.sku for each in await awaited_units(tx, added.order_id)} if is_moved else set[str]()
        if skus := {*added.quantities, *dropped, *awaited}:
            await lock_stock(tx, skus)
        if dropped:
            await self._reservations.drop(tx, actor, added.order_id, dropped, kept)
        if awaited:
            await destinations.move(tx, added.order_id, awaited, added.destination)
        if added.quantities:
            reserving = await self.reserving(tx, actor, added, await lock_sources(tx, added.quantities))
            if reserving is not None:
                (rows,) = await fetch_parts(tx, [reserving.part])
                await reserving.finish(tx, rows)

    async def reserving(self, tx: Tx, actor: Actor, units: OrderUnits, stock: SourceStock) -> Reserving | None:
        """The reservation of units from this stock, as a part of the order's statement; None for no units.

        Units beyond the stock are put on backorder. Raises InsufficientStock for what this buyer cannot get.
        """
        strategy = (await self._settings.current(tx)).allocation_strategy
        pickup_id = units.pickup_warehouse_id
        if units.without_backorders:
            room = {sku: free for sku, free in stock.backorder_room.items() if sku not in units.without_backorders}
            stock = replace(stock, backorder_room=room)
        allocation = allocate(AllocationRequest(units.quantities, units.destination, pickup_id, strategy), stock)
        backorders = None
        if allocation.backordered:
            country = units.destination.country if units.destination else None
            backorders = NewBackorders(allocation.backordered, country or None, pickup_id)
        return self._reservations.reserving(
            tx,
            actor,
            allocation.lines,
            order_id=units.order_id,
            expires_at=units.expires_at,
            backorders=backorders,
        )

    async def finish(self, tx: Tx, actor: Actor, units: OrderUnits, reserving: Reserving, rows: PartRows) -> None:
        """Check what the part returned; when stock has changed since it was read, lock it, and allocate again.

        No statement, otherwise two. Raises SkuNotFound, and InsufficientStock for what this buyer cannot get. Emits
        StockReserved, BackorderCreated, StockChanged, StockRanLow, StockRanOut.
        """
        try:
            await reserving.finish(tx, rows)
        except (AllocationOutdated, InsufficientStock):
            stock = await lock_sources(tx, units.quantities)
            again = await self.reserving(tx, actor, units, stock)
            if again is not None:
                (rows,) = await fetch_parts(tx, [again.part])
                await again.finish(tx, rows)
