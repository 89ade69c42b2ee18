"""The events of the payment domain."""

from dataclasses import dataclass
from typing import ClassVar

from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettingsUpdated(SettingsUpdated):
    """The payment settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "payment.settings_updated"
