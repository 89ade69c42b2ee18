"""The inputs of quarantine."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedUnits:
    """A number of units of a SKU in a warehouse, and why they move; without a warehouse it is the default one."""

    sku: str
    quantity: int
    reason: str
    reference: str | None = None
    warehouse_id: UUID | None = None
