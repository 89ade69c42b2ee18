"""The payloads of shipments, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.shipping.shipments.models import Shipment as ShipmentModel
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.shipping.shipments.types import Shipment

ERRORS = "Why nothing was changed; empty on success."


@strawberry.type(description="The payload of a mutation of one shipment.")
class ShipmentOutcome:
    """The common fields: the shipment, or the errors. Not a type of the API itself."""

    shipment: Shipment | None = strawberry.field(
        default=None, description="The shipment afterwards; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    @classmethod
    def of(cls, shipment: ShipmentModel) -> Self:
        """The payload of a shipment."""
        return cls(shipment=present(Shipment, shipment))

    def outcome(self) -> Mapping[str, Any]:
        """The id of the shipment."""
        return {"shipment_id": self.shipment.id if self.shipment else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The shipment as it is now."""
        del input
        shipment_id = outcome.id("shipment_id")
        if shipment_id is None:
            return cls()
        context = info.context
        return cls.of(await context.services.shipping.shipments.find(context.reader, shipment_id))


@strawberry.type(description="The result of `shipmentCreate`.")
class ShipmentCreatePayload(ShipmentOutcome):
    """The shipment, or the errors."""


@strawberry.type(description="The result of `shipmentUpdate`.")
class ShipmentUpdatePayload(ShipmentOutcome):
    """The shipment, or the errors."""


@strawberry.type(description="The result of `shipmentDispatch`.")
class ShipmentDispatchPayload(ShipmentOutcome):
    """The shipment, or the errors."""


@strawberry.type(description="The result of `shipmentCancel`.")
class ShipmentCancelPayload(ShipmentOutcome):
    """The shipment, or the errors."""


@strawberry.type(description="The result of `shipmentSplit`.")
class ShipmentSplitPayload:
    """Both shipments, or the errors."""

    shipment: Shipment | None = strawberry.field(
        default=None, description="The shipment without the units; null when there are errors."
    )
    new_shipment: Shipment | None = strawberry.field(
        default=None, description="The new shipment with the units; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    def outcome(self) -> Mapping[str, Any]:
        """The ids of both shipments."""
        if self.shipment is None or self.new_shipment is None:
            return {"shipment_id": None, "new_shipment_id": None}
        return {"shipment_id": self.shipment.id, "new_shipment_id": self.new_shipment.id}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """Both shipments as they are now."""
        del input
        shipment_id, new_id = outcome.id("shipment_id"), outcome.id("new_shipment_id")
        if shipment_id is None or new_id is None:
            return cls()
        context = info.context
        shipments = context.services.shipping.shipments
        one, other = [await shipments.find(context.reader, each) for each in (shipment_id, new_id)]
        return cls(shipment=present(Shipment, one), new_shipment=present(Shipment, other))
