"""What the inventory tells others."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChanged(Event):
    """The stock of some SKUs of one company changed; the products they belong to are named.

    One event stands for a whole batch. A receiver asks the inventory for the present stock, so the events may come
    late or in another order.
    """

    topic: ClassVar[str] = "inventory.stock_changed"
    first_item_id: UUID
    product_ids: list[UUID]
    skus: list[str]

    @property
    def aggregate_id(self) -> UUID:
        """The first of the inventory items, standing for the batch."""
        return self.first_item_id
