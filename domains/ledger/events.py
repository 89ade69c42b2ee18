"""The events of the ledger domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAdjusted(Event):
    """Staff posted an entry by hand, or reversed one: `reversed_entry_id` is then the entry that it reverses."""

    topic: ClassVar[str] = "ledger.adjusted"

    entry_id: UUID
    order_id: UUID | None
    reversed_entry_id: UUID | None

    @property
    def aggregate_id(self) -> UUID:
        """The new entry."""
        return self.entry_id
