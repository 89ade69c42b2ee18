"""Events of the shipping settings."""

from dataclasses import dataclass
from typing import ClassVar

from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingSettingsUpdated(SettingsUpdated):
    """Shipping settings of a company changed."""

    topic: ClassVar[str] = "shipping.settings_updated"
