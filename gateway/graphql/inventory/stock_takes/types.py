"""Stock takes and their lines as the API shows them."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.inventory.stock_takes import models
from domains.inventory.stock_takes.models import StockTakeStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.pagination import Connection
from gateway.graphql.inventory.loaders import load_items_by_id, load_warehouses
from gateway.graphql.inventory.stock_takes.loaders import load_line_pages
from gateway.graphql.inventory.types import MAY_READ, InventoryItem
from gateway.graphql.inventory.warehouse_types import Warehouse

describe(
    StockTakeStatus,
    "The status of a stock take.",
    {
        StockTakeStatus.OPEN: "Units are being counted; stock is as before.",
        StockTakeStatus.COMPLETED: "The differences were corrected in stock.",
        StockTakeStatus.CANCELLED: "It was cancelled; its counts changed nothing.",
    },
)


@strawberry.type(description="The count of a SKU in a stock take.")
class StockTakeLine(Node, model=models.StockTakeLine):
    """The units of a SKU."""

    inventory_id: strawberry.Private[UUID]
    expected: int = strawberry.field(
        description=(
            "The number of units that were in the warehouse by the ledger when the SKU was counted: available, "
            "reserved and quarantined."
        )
    )
    counted: int = strawberry.field(description="The number of units that were counted.")
    counted_at: datetime = strawberry.field(description="When the SKU was last counted.")
    inventory: InventoryItem = relation(
        "inventory_id", load_items_by_id, description="The SKU with its stock in all warehouses, as it is now."
    )

    @computed
    def difference(self) -> int:
        """Counted minus expected units: what completing the stock take adds to the available stock."""
        return self.counted - self.expected


@strawberry.type(description="A count of the units in a warehouse, SKU by SKU, while the shop goes on selling.")
class StockTake(Node, model=models.StockTake):
    """A stock take."""

    number: str = strawberry.field(
        description="The number, such as `ST-1001`, unique in the company. It is the `reference` of its movements."
    )
    status: StockTakeStatus = strawberry.field(description="Whether units are still being counted.")
    note: str | None = strawberry.field(description="A note for staff; null when there is none.")
    created_at: datetime = strawberry.field(description="When it was started.")
    updated_at: datetime = strawberry.field(description="When SKUs were last counted, or its status changed.")
    completed_at: datetime | None = strawberry.field(
        description="When the differences were corrected; null when they were not."
    )
    cancelled_at: datetime | None = strawberry.field(description="When it was cancelled; null when it was not.")
    warehouse_id: UUID = strawberry.field(description="The id of the warehouse whose units are counted.")
    warehouse: Warehouse = relation(
        "warehouse_id", load_warehouses, description="The warehouse whose units are counted, as it is now."
    )
    lines: Connection[StockTakeLine] | None = relation(
        "id",
        load_line_pages,
        page=True,
        guard=MAY_READ,
        description="The counted SKUs, in the order of their counts. Requires INVENTORY:READ.",
    )
