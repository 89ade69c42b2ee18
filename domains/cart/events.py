"""Events of the cart settings."""

from dataclasses import dataclass
from typing import ClassVar

from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSettingsUpdated(SettingsUpdated):
    """Cart settings of a company changed."""

    topic: ClassVar[str] = "cart.settings_updated"
