"""Stock transfers and their lines as the API shows them."""

from datetime import date, datetime
from uuid import UUID

import strawberry

from domains.inventory.transfers import models, states
from domains.inventory.transfers.models import StockTransferStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.inventory.loaders import load_items_by_id, load_warehouses
from gateway.graphql.inventory.transfers.loaders import load_transfer_lines
from gateway.graphql.inventory.types import InventoryItem
from gateway.graphql.inventory.warehouse_types import Warehouse

describe(
    StockTransferStatus,
    "The status of a stock transfer.",
    {
        StockTransferStatus.DRAFT: "It is planned: no units have moved, and its lines can change.",
        StockTransferStatus.IN_TRANSIT: "All units have left the source; none has arrived.",
        StockTransferStatus.PARTIALLY_RECEIVED: "Some units have arrived or are lost; others are under way.",
        StockTransferStatus.RECEIVED: "No units are under way any more: all have arrived, or are lost.",
        StockTransferStatus.CANCELLED: "It was cancelled; units that were under way are back at the source.",
    },
)


@strawberry.type(description="A SKU of a stock transfer. shipped = received + lost + returned + underWay.")
class StockTransferLine:
    """The units of a SKU."""

    inventory_id: strawberry.Private[UUID]

    quantity: int = strawberry.field(description="The number of units that the transfer moves.")
    shipped: int = strawberry.field(description="The number of units that left the source; 0 for a draft.")
    received: int = strawberry.field(description="The number of units that arrived at the destination.")
    lost: int = strawberry.field(description="The number of units that were lost on the way.")
    lost_reason: str | None = strawberry.field(
        description="Why units were lost, as staff entered it; null when none were."
    )
    returned: int = strawberry.field(
        description="The number of units that returned to the source because the transfer was cancelled."
    )
    inventory: InventoryItem = relation(
        "inventory_id", load_items_by_id, description="The SKU with its stock in all warehouses, as it is now."
    )

    @computed
    def under_way(self) -> int:
        """The number of units that left the source and have not arrived, been lost, or returned."""
        return self.shipped - self.received - self.lost - self.returned


@strawberry.type(description="Units that are moved from one warehouse to another.")
class StockTransfer(Node, model=models.StockTransfer):
    """A transfer."""

    number: str = strawberry.field(
        description="The number, such as `TR-1001`, unique in the company. It is the `reference` of its movements."
    )
    status: StockTransferStatus = strawberry.field(description="Where the units are.")
    reference: str | None = strawberry.field(
        description="A number of someone else's, such as the carrier's; null when there is none."
    )
    note: str | None = strawberry.field(description="A note for staff; null when there is none.")
    expected_on: date | None = strawberry.field(
        description="The day on which the units should arrive; null when it is not known."
    )
    shipped_at: datetime | None = strawberry.field(
        description="When the units left the source; null when they have not."
    )
    received_at: datetime | None = strawberry.field(
        description="When the last units arrived or were recorded as lost; null before that."
    )
    cancelled_at: datetime | None = strawberry.field(description="When it was cancelled; null when it was not.")
    created_at: datetime = strawberry.field(description="When it was drafted.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    from_warehouse_id: UUID = strawberry.field(description="The id of the warehouse that the units leave.")
    to_warehouse_id: UUID = strawberry.field(description="The id of the warehouse in which the units arrive.")
    from_warehouse: Warehouse = relation(
        "from_warehouse_id", load_warehouses, description="The warehouse that the units leave, as it is now."
    )
    to_warehouse: Warehouse = relation(
        "to_warehouse_id", load_warehouses, description="The warehouse in which the units arrive, as it is now."
    )
    lines: list[StockTransferLine] = relation(
        "id", load_transfer_lines, many=True, description="Its SKUs in the order of the input; at most 250."
    )

    @computed
    def is_open(self) -> bool:
        """Whether it can still be shipped or received."""
        return self.status in states.OPEN
