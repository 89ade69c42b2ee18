"""The events of carriers."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierEvent(Event):
    """The base of the events about one carrier."""

    carrier_id: UUID
    code: str

    @property
    def aggregate_id(self) -> UUID:
        """The carrier."""
        return self.carrier_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierCreated(CarrierEvent):
    """A carrier was created."""

    topic: ClassVar[str] = "carrier.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierUpdated(CarrierEvent):
    """A carrier changed; `changed` names the fields, and credentials by their names alone."""

    topic: ClassVar[str] = "carrier.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierDeleted(CarrierEvent):
    """A carrier that nothing names was deleted."""

    topic: ClassVar[str] = "carrier.deleted"
