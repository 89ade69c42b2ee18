"""Events of the tax settings."""

from dataclasses import dataclass
from typing import ClassVar

from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSettingsUpdated(SettingsUpdated):
    """Tax settings of a company changed."""

    topic: ClassVar[str] = "tax.settings_updated"
