"""Inputs of quarantine."""

from uuid import UUID

import strawberry

from domains.inventory.quarantine.models import QuarantinedUnits
from gateway.graphql.order.inputs import KEY

SKU = "The SKU, in its exact case."
WAREHOUSE = "The id of the warehouse where the units are; null or absent for the default warehouse."
REASON = "Why, at most 1,000 characters; the ledger shows it."
REFERENCE = "The number of a document, at most 1,000 characters; null or absent for none."


@strawberry.input(description="Available units to take into quarantine.")
class StockQuarantineInput:
    """Units of a SKU."""

    sku: str = strawberry.field(description=SKU)
    quantity: int = strawberry.field(description="The number of available units, 1 to 1,000,000,000.")
    reason: str = strawberry.field(description=REASON)
    reference: str | None = strawberry.field(default=None, description=REFERENCE)
    warehouse_id: UUID | None = strawberry.field(default=None, description=WAREHOUSE)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def as_units(self) -> QuarantinedUnits:
        """The units for the domain."""
        return _units(self)


@strawberry.input(description="Quarantined units to make available again.")
class StockQuarantineReleaseInput:
    """Units of a SKU."""

    sku: str = strawberry.field(description=SKU)
    quantity: int = strawberry.field(description="The number of quarantined units, 1 to 1,000,000,000.")
    reason: str = strawberry.field(description=REASON)
    reference: str | None = strawberry.field(default=None, description=REFERENCE)
    warehouse_id: UUID | None = strawberry.field(default=None, description=WAREHOUSE)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def as_units(self) -> QuarantinedUnits:
        """The units for the domain."""
        return _units(self)


@strawberry.input(description="Damaged units to remove from stock.")
class StockDamageInput:
    """Units of a SKU."""

    sku: str = strawberry.field(description=SKU)
    quantity: int = strawberry.field(description="The number of damaged units, 1 to 1,000,000,000.")
    reason: str = strawberry.field(description=REASON)
    is_quarantined: bool = strawberry.field(
        default=False, description="True: the units are in quarantine; false: they are available."
    )
    reference: str | None = strawberry.field(default=None, description=REFERENCE)
    warehouse_id: UUID | None = strawberry.field(default=None, description=WAREHOUSE)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def as_units(self) -> QuarantinedUnits:
        """The units for the domain."""
        return _units(self)


def _units(given: StockQuarantineInput | StockQuarantineReleaseInput | StockDamageInput) -> QuarantinedUnits:
    return QuarantinedUnits(
        sku=given.sku,
        quantity=given.quantity,
        reason=given.reason,
        reference=given.reference,
        warehouse_id=given.warehouse_id,
    )
