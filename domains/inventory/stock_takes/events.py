"""The events of stock takes."""

from dataclasses import dataclass
from typing import ClassVar, TypedDict
from uuid import UUID

from domains.kernel.events import Event


class CountedSku(TypedDict):
    """A SKU whose count differed: the units that were expected and counted."""

    sku: str
    expected: int
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTakeEvent(Event):
    """The base of the events about one stock take."""

    stock_take_id: UUID
    number: str
    warehouse_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The stock take."""
        return self.stock_take_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTakeStarted(StockTakeEvent):
    """Staff started to count units in a warehouse."""

    topic: ClassVar[str] = "stock_take.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTakeCompleted(StockTakeEvent):
    """A stock take was completed: `counted` SKUs were counted, and the stock of `differences` was corrected."""

    topic: ClassVar[str] = "stock_take.completed"
    counted: int
    differences: list[CountedSku]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTakeCancelled(StockTakeEvent):
    """A stock take was cancelled; its counts changed nothing."""

    topic: ClassVar[str] = "stock_take.cancelled"
