"""The events of the shipping domain."""

from dataclasses import dataclass
from typing import ClassVar

from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingSettingsUpdated(SettingsUpdated):
    """The shipping settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "shipping.settings_updated"
