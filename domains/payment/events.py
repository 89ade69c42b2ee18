"""The events of the payment domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettingsUpdated(Event):
    """The payment settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "payment.settings_updated"
    company_id: UUID
    changed: list[str]

    @property
    def aggregate_id(self) -> UUID:
        """The company."""
        return self.company_id
