"""The results of the mutations of quarantine."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.inventory.types import InventoryItem

CHANGED = "The stock of the SKU afterwards; null when there are errors."
REFUSED = "Why nothing was changed; empty on success."


@strawberry.type(description="The result of a change of the stock of a SKU.")
class ItemOutcome:
    """The common fields of payloads of one item: the item, or the errors. Not a type of the API itself."""

    item: InventoryItem | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)

    def outcome(self) -> Mapping[str, Any]:
        """The item's id."""
        return {} if self.item is None else {"item_id": self.item.id}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The item as it is now."""
        made, item_id, context = cls(), outcome.id("item_id"), info.context
        if item_id is not None:
            items = await context.services.inventory.listing.items_by_id(context.reader, [item_id])
            made.item = present(InventoryItem, items[0] if items else None)
        return made


@strawberry.type(description="The result of `stockQuarantine`.")
class StockQuarantinePayload(ItemOutcome):
    """The item, or the errors."""


@strawberry.type(description="The result of `stockQuarantineRelease`.")
class StockQuarantineReleasePayload(ItemOutcome):
    """The item, or the errors."""


@strawberry.type(description="The result of `stockDamage`.")
class StockDamagePayload(ItemOutcome):
    """The item, or the errors."""
