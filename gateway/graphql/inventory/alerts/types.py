"""Stock alerts as the API shows them."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.inventory.alerts import models
from domains.inventory.alerts.models import StockAlertKind
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.inventory.loaders import load_items_by_id
from gateway.graphql.inventory.types import InventoryItem

describe(
    StockAlertKind,
    "Why a SKU needs attention.",
    {
        StockAlertKind.LOW: "The available units fell to the reorder point or below it.",
        StockAlertKind.OUT: "There are no available units in any warehouse.",
        StockAlertKind.OVERSTOCK: "The units on hand rose above `InventoryItem.maxStockThreshold`.",
        StockAlertKind.STALE: "Units on hand were not ordered, sold or restocked for `staleAfterDays`.",
    },
)


@strawberry.type(description="A limit that the stock of a SKU has crossed. A SKU has one open alert of each kind.")
class StockAlert(Node, model=models.StockAlert):
    """An alert."""

    kind: StockAlertKind = strawberry.field(description="The limit that was crossed.")
    raised_at: datetime = strawberry.field(description="When the limit was crossed.")
    resolved_at: datetime | None = strawberry.field(
        description="When the stock crossed the limit back; null while the alert is open."
    )
    inventory_id: UUID = strawberry.field(description="The id of the inventory item of the SKU.")
    inventory: InventoryItem = relation(
        "inventory_id", load_items_by_id, description="The SKU with its stock in all warehouses, as it is now."
    )

    @computed
    def is_open(self) -> bool:
        """Whether the stock has not crossed the limit back."""
        return self.resolved_at is None
