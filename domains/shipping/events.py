"""The events of the shipping domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingSettingsUpdated(SettingsUpdated):
    """The shipping settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "shipping.settings_updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingZoneEvent(Event):
    """The base of the events about one shipping zone."""

    shipping_zone_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The shipping zone."""
        return self.shipping_zone_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingZoneCreated(ShippingZoneEvent):
    """A shipping zone was created."""

    topic: ClassVar[str] = "shipping_zone.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingZoneUpdated(ShippingZoneEvent):
    """A shipping zone changed; `changed` names the columns."""

    topic: ClassVar[str] = "shipping_zone.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingZoneDeleted(ShippingZoneEvent):
    """A shipping zone was deleted with its methods."""

    topic: ClassVar[str] = "shipping_zone.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingMethodEvent(Event):
    """The base of the events about one shipping method."""

    shipping_method_id: UUID
    shipping_zone_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The shipping method."""
        return self.shipping_method_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingMethodCreated(ShippingMethodEvent):
    """A shipping method was created."""

    topic: ClassVar[str] = "shipping_method.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingMethodUpdated(ShippingMethodEvent):
    """A shipping method changed; `changed` names the columns, `rates` and `profile_ids`. Orders keep their price."""

    topic: ClassVar[str] = "shipping_method.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingMethodDeleted(ShippingMethodEvent):
    """A shipping method was deleted, not with its zone. Orders keep their price."""

    topic: ClassVar[str] = "shipping_method.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingProfileEvent(Event):
    """The base of the events about one shipping profile."""

    shipping_profile_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The shipping profile."""
        return self.shipping_profile_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingProfileCreated(ShippingProfileEvent):
    """A shipping profile was created."""

    topic: ClassVar[str] = "shipping_profile.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingProfileUpdated(ShippingProfileEvent):
    """A shipping profile changed; `changed` names the columns. `is_default` ends for the default one before it."""

    topic: ClassVar[str] = "shipping_profile.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingProfileDeleted(ShippingProfileEvent):
    """A shipping profile that nothing used was deleted."""

    topic: ClassVar[str] = "shipping_profile.deleted"
