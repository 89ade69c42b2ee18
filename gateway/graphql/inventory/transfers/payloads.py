"""The results of the mutations of stock transfers."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.inventory.transfers.errors import MoreThanUnderWay
from domains.kernel.idempotency.outcomes import Outcome
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import present
from gateway.graphql.inventory.transfers.types import StockTransfer

REFUSED = "Why nothing was changed; empty on success."
CHANGED = "The transfer afterwards; null when there are errors."


@shows(MoreThanUnderWay)
@strawberry.type(description="More units would be received or lost than are under way.")
class MoreThanUnderWayError(UserError):
    """The units of the SKU."""

    sku: str = strawberry.field(description="The SKU of the line.")
    requested: int = strawberry.field(description="The number of units to receive and to record as lost.")
    under_way: int = strawberry.field(description="The number of units of this SKU that are under way.")


@strawberry.type(description="The result of `stockTransferCreate`.")
class StockTransferCreatePayload:
    """The transfer, or the errors."""

    transfer: StockTransfer | None = strawberry.field(
        default=None, description="The new draft; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `stockTransferUpdate`.")
class StockTransferUpdatePayload:
    """The transfer, or the errors."""

    transfer: StockTransfer | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `stockTransferShip`.")
class StockTransferShipPayload:
    """The transfer, or the errors."""

    transfer: StockTransfer | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `stockTransferReceive`.")
class StockTransferReceivePayload:
    """The transfer, or the errors."""

    transfer: StockTransfer | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)

    def outcome(self) -> Mapping[str, Any]:
        """The transfer's id."""
        return {} if self.transfer is None else {"transfer_id": self.transfer.id}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The transfer as it is now."""
        if (transfer_id := outcome.id("transfer_id")) is None:
            return cls()
        context = info.context
        listing = context.services.inventory.transfers.listing
        return cls(transfer=present(StockTransfer, await listing.get(context.reader, transfer_id)))


@strawberry.type(description="The result of `stockTransferCancel`.")
class StockTransferCancelPayload:
    """The transfer, or the errors."""

    transfer: StockTransfer | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)
