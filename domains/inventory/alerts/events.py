"""The events of stock that crosses its limits, beside StockRanLow and BackInStock."""

from dataclasses import dataclass
from typing import ClassVar

from domains.inventory.events import StockEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRanOut(StockEvent):
    """SKUs have no available units any more, in any warehouse."""

    topic: ClassVar[str] = "inventory.out_of_stock"
    skus: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOverstocked(StockEvent):
    """The units on hand of SKUs, available, reserved and quarantined, have risen above their maximum."""

    topic: ClassVar[str] = "inventory.overstocked"
    skus: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockStale(StockEvent):
    """SKUs with units on hand were not ordered, sold or restocked for the company's number of days."""

    topic: ClassVar[str] = "inventory.stale"
    skus: list[str]
    days: int
