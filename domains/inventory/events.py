"""The events of the inventory domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StockEvent(Event):
    """The base of the events about a batch of inventory items."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRanLow(StockEvent):
    """The available stock of SKUs has fallen to their reorder points or below."""

    topic: ClassVar[str] = "inventory.low_stock"
    skus: list[str]
