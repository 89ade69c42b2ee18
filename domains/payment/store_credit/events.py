"""The events of store credit. Amounts are in the company's currency."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCreditAdjusted(Event):
    """Staff issued store credit to a customer, or deducted some; `amount` is then negative."""

    topic: ClassVar[str] = "store_credit.adjusted"
    store_credit_id: UUID
    user_id: UUID
    amount: Decimal
    currency: str

    @property
    def aggregate_id(self) -> UUID:
        """The customer."""
        return self.user_id
