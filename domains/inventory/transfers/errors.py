"""Errors of stock transfers."""

from collections.abc import Sequence
from typing import ClassVar

from domains.inventory.transfers.models import StockTransferStatus
from domains.kernel.errors import DomainError, InvalidInput, NotAllowed, NotFound


class StockTransferNotFound(NotFound):
    """The stock transfer does not exist."""

    def __init__(self) -> None:
        super().__init__("There is no stock transfer with this id.", field=("id",))


class TransferRefusal(NotAllowed, is_abstract=True):
    """The base of what the status of a transfer forbids; `advice` says what to do."""

    advice: ClassVar[str]

    def __init__(self, number: str, status: StockTransferStatus) -> None:
        super().__init__(f"The transfer {number} is {status}. {self.advice}", field=("id",))
        self.status = status


class StockTransferNotEditable(TransferRefusal):
    """The transfer is not a draft any more, so its lines cannot be changed."""

    advice = "Only a DRAFT can be changed: create another transfer."


class StockTransferNotShippable(TransferRefusal):
    """The transfer was shipped or cancelled already."""

    advice = "Only a DRAFT can be shipped."


class StockTransferNotReceivable(TransferRefusal):
    """The transfer has no units under way: it was not shipped yet, or it was received or cancelled."""

    advice = "Only a transfer that is IN_TRANSIT or PARTIALLY_RECEIVED can be received."


class StockTransferNotCancellable(TransferRefusal):
    """Units of the transfer were received, or it was cancelled already."""

    advice = "Only a DRAFT or a transfer IN_TRANSIT can be cancelled: receive the rest, or record it as lost."


class SameWarehouse(InvalidInput):
    """A transfer is from one warehouse to another one."""

    def __init__(self) -> None:
        super().__init__("Choose another warehouse than that of `from_warehouse_id`.", field=("to_warehouse_id",))


class SkuNotInTransfer(NotFound):
    """The transfer has no line of the SKU."""

    def __init__(self, sku: str, *, field: Sequence[str]) -> None:
        super().__init__(f"The transfer has no line with the SKU {sku!r}.", field=field)
        self.sku = sku


class MoreThanUnderWay(DomainError):
    """More units would be received or lost than are under way."""

    def __init__(self, sku: str, requested: int, under_way: int, *, field: Sequence[str]) -> None:
        message = f"{under_way} units of {sku!r} are under way, not {requested}. Enter at most that many."
        super().__init__(message, field=field)
        self.sku = sku
        self.requested = requested
        self.under_way = under_way
