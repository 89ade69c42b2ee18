"""The events of stock transfers."""

from dataclasses import dataclass
from typing import ClassVar, TypedDict
from uuid import UUID

from domains.kernel.events import Event


class TransferredUnits(TypedDict):
    """A number of units of a SKU."""

    sku: str
    quantity: int


class ReceivedUnits(TypedDict):
    """The units of a SKU that arrived with a receipt, and those that it recorded as lost."""

    sku: str
    received: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransferEvent(Event):
    """The base of the events about one stock transfer."""

    transfer_id: UUID
    number: str

    @property
    def aggregate_id(self) -> UUID:
        """The transfer."""
        return self.transfer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransferCreated(StockTransferEvent):
    """A stock transfer was drafted; no units have moved yet."""

    topic: ClassVar[str] = "stock_transfer.created"
    from_warehouse_id: UUID
    to_warehouse_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransferUpdated(StockTransferEvent):
    """A stock transfer changed; `changed` names the columns, and `lines`."""

    topic: ClassVar[str] = "stock_transfer.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransferShipped(StockTransferEvent):
    """The units of a stock transfer left the source and are under way."""

    topic: ClassVar[str] = "stock_transfer.shipped"
    from_warehouse_id: UUID
    to_warehouse_id: UUID
    lines: list[TransferredUnits]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransferReceived(StockTransferEvent):
    """Units of a stock transfer arrived or were recorded as lost; `is_complete` when none are under way any more."""

    topic: ClassVar[str] = "stock_transfer.received"
    to_warehouse_id: UUID
    lines: list[ReceivedUnits]
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransferCancelled(StockTransferEvent):
    """A stock transfer was cancelled; `returned` are the units that were under way and are back at the source."""

    topic: ClassVar[str] = "stock_transfer.cancelled"
    returned: list[TransferredUnits]
