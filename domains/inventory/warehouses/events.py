"""The events of warehouses."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseEvent(Event):
    """The base of the events about one warehouse."""

    warehouse_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The warehouse."""
        return self.warehouse_id


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseCreated(WarehouseEvent):
    """Staff created a warehouse; one that stock is first entered into has no such event."""

    topic: ClassVar[str] = "warehouse.created"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseUpdated(WarehouseEvent):
    """A warehouse changed; `changed` names the columns. `is_default` ends for the default warehouse before it."""

    topic: ClassVar[str] = "warehouse.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseDeleted(WarehouseEvent):
    """A warehouse was deleted."""

    topic: ClassVar[str] = "warehouse.deleted"
    code: str
