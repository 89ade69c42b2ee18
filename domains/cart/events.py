"""The events of the cart domain."""

from dataclasses import dataclass
from typing import ClassVar

from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSettingsUpdated(SettingsUpdated):
    """The cart settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "cart.settings_updated"
