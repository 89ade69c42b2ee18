"""The events of the inventory domain."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypedDict
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class InventorySettingsUpdated(SettingsUpdated):
    """The inventory settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "inventory.settings_updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockEvent(Event):
    """The base of the events about a batch of inventory items, which all name the first item of the batch by SKU."""

    first_item_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The first inventory item of the batch."""
        return self.first_item_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChanged(StockEvent):
    """SKUs of a company have come into stock or run out of stock.

    Their products are named. One event stands for a whole batch; a change that leaves every SKU as sellable as it was
    is none. A receiver asks the inventory for the present stock, so the events may come late or in another order.
    """

    topic: ClassVar[str] = "inventory.stock_changed"
    product_ids: list[UUID]
    skus: list[str]


class StockedSku(TypedDict):
    """A SKU, and the product or variant that is sold under it."""

    sku: str
    product_id: UUID
    variant_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackInStock(StockEvent):
    """SKUs have available units again after they had none: they were restocked, or reserved units were released.

    Those of one batch are one event. It follows StockChanged, which also has the SKUs that ran out of stock.
    """

    topic: ClassVar[str] = "inventory.back_in_stock"
    items: list[StockedSku]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackorderTermsUpdated(StockEvent):
    """Staff changed how many units of SKUs are sold beyond those in stock, their kind, or when they are expected."""

    topic: ClassVar[str] = "inventory.backorder_terms_updated"
    items: list[StockedSku]


class AdjustedSku(TypedDict):
    """The change of the available units of a SKU, below zero for units that were removed, and the units after it."""

    sku: str
    product_id: UUID
    change: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(StockEvent):
    """The available stock of SKUs was changed by staff or an import; `movement_type` is that of the ledger's entries.

    One event stands for a batch of at most 1,000 SKUs. Units of orders have events of their own: StockReserved,
    StockReleased and StockSold.
    """

    topic: ClassVar[str] = "inventory.adjusted"
    movement_type: str
    items: list[AdjustedSku]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRanLow(StockEvent):
    """The available stock of SKUs has fallen to their reorder points or below."""

    topic: ClassVar[str] = "inventory.low_stock"
    skus: list[str]


class SkuUnits(TypedDict):
    """A number of units of a SKU."""

    sku: str
    product_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationEvent(Event):
    """The base of the events about the units of an order; `lines` has each SKU once, without untracked ones."""

    order_id: UUID
    lines: list[SkuUnits]

    @property
    def aggregate_id(self) -> UUID:
        """The order."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReserved(ReservationEvent):
    """Units were reserved for an order; an order without tracked SKUs has no such event."""

    topic: ClassVar[str] = "inventory.reserved"


class BackorderedUnits(TypedDict):
    """The units of a SKU that an order waits for; `kind` is BACKORDER or PREORDER, `promised_at` may be unknown."""

    sku: str
    product_id: UUID
    quantity: int
    kind: str
    promised_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackorderCreated(Event):
    """An order waits for units that were not in stock when it was created."""

    topic: ClassVar[str] = "inventory.backorder_created"
    order_id: UUID
    lines: list[BackorderedUnits]

    @property
    def aggregate_id(self) -> UUID:
        """The order."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class BackorderAllocated(ReservationEvent):
    """Units that came in were reserved for an order that waited for them.

    It has all of the `complete_skus` now, and waits for more units of the others.
    """

    topic: ClassVar[str] = "inventory.backorder_allocated"
    complete_skus: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackorderCancelled(ReservationEvent):
    """An order was cancelled or not paid in time, and no longer waits for these units."""

    topic: ClassVar[str] = "inventory.backorder_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReleased(ReservationEvent):
    """Reserved units of an order are available again, because it was cancelled, refunded or not paid in time."""

    topic: ClassVar[str] = "inventory.released"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSold(ReservationEvent):
    """Reserved units of an order left the stock when it was shipped."""

    topic: ClassVar[str] = "inventory.sold"
