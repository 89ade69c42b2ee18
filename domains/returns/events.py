"""The events of return requests."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, TypedDict
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSettingsUpdated(SettingsUpdated):
    """Settings of returns were changed; `changed` names them."""

    topic: ClassVar[str] = "returns.settings_updated"


class ReturnedUnits(TypedDict):
    """Units of a SKU of a return request."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnEvent(Event):
    """The base of the events about one return request."""

    return_request_id: UUID
    rma_number: str
    order_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The return request."""
        return self.return_request_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequested(ReturnEvent):
    """The return of goods was requested."""

    topic: ClassVar[str] = "return.requested"
    lines: list[ReturnedUnits]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnApproved(ReturnEvent):
    """The return of these units was approved; the buyer can send them."""

    topic: ClassVar[str] = "return.approved"
    lines: list[ReturnedUnits]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRejected(ReturnEvent):
    """The return was rejected; the request says why."""

    topic: ClassVar[str] = "return.rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnShipped(ReturnEvent):
    """The goods of a return are on their way."""

    topic: ClassVar[str] = "return.shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReceived(ReturnEvent):
    """Units of a return came; `is_complete` when no more are expected."""

    topic: ClassVar[str] = "return.received"
    lines: list[ReturnedUnits]
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnInspected(ReturnEvent):
    """Units that came back were inspected: put into stock again (`restocked`), or written off (`damaged`)."""

    topic: ClassVar[str] = "return.inspected"
    restocked: list[ReturnedUnits]
    damaged: list[ReturnedUnits]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClosed(ReturnEvent):
    """A return was closed: by staff, by the buyer before the goods came, or because they were not sent in time."""

    topic: ClassVar[str] = "return.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRefunded(ReturnEvent):
    """A refund of a return is COMPLETED or FAILED, as `status` says; `amount` is what the buyer gets."""

    topic: ClassVar[str] = "return.refunded"
    return_refund_id: UUID
    method: str
    status: str
    amount: Decimal
    currency: str
