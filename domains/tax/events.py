"""The events of the tax domain."""

from dataclasses import dataclass
from typing import ClassVar

from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSettingsUpdated(SettingsUpdated):
    """The tax settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "tax.settings_updated"
