"""The events of the tax domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSettingsUpdated(SettingsUpdated):
    """The tax settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "tax.settings_updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxClassEvent(Event):
    """The base of the events about one tax class."""

    tax_class_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The tax class."""
        return self.tax_class_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxClassCreated(TaxClassEvent):
    """A tax class was created."""

    topic: ClassVar[str] = "tax_class.created"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxClassUpdated(TaxClassEvent):
    """A tax class changed; `changed` names the columns. `is_default` ends for the default class before it."""

    topic: ClassVar[str] = "tax_class.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxClassDeleted(TaxClassEvent):
    """A tax class without products and rates was deleted."""

    topic: ClassVar[str] = "tax_class.deleted"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateEvent(Event):
    """The base of the events about one tax rate."""

    tax_rate_id: UUID
    tax_class_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The tax rate."""
        return self.tax_rate_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateCreated(TaxRateEvent):
    """A tax rate was created. It applies to sales from its first day on."""

    topic: ClassVar[str] = "tax_rate.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateUpdated(TaxRateEvent):
    """A tax rate changed; `changed` names the columns. Existing orders keep their taxes."""

    topic: ClassVar[str] = "tax_rate.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateDeleted(TaxRateEvent):
    """A tax rate was deleted. Existing orders keep their taxes."""

    topic: ClassVar[str] = "tax_rate.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRatesImported(TaxClassEvent):
    """A file, or starter rates, changed the rates of a tax class: how many are new, and how many changed."""

    topic: ClassVar[str] = "tax_rates.imported"
    created: int
    updated: int
