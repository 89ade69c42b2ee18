"""The validation of stock transfers; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domains.inventory.documents.lines import by_sku, path_of, require_units
from domains.inventory.models import StockLine
from domains.inventory.transfers.errors import MoreThanUnderWay, SameWarehouse, SkuNotInTransfer
from domains.inventory.transfers.models import NewStockTransfer, ReceivedLine, StockTransferLine
from domains.inventory.transfers.states import under_way
from domains.kernel.errors import NotApplicable, OutOfRange
from domains.kernel.text.validation import LINE_LENGTH, Required, optional_text
from domains.kernel.validation import collect_errors

TEXTS = ("reference", "note")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt records of one line of a transfer."""

    line: StockTransferLine
    sku: str
    received: int
    lost: int
    lost_reason: str | None


def require_two_warehouses(new: NewStockTransfer) -> None:
    """Raise SameWarehouse."""
    if new.from_warehouse_id == new.to_warehouse_id:
        raise SameWarehouse


def texts_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of a transfer, trimmed; absent ones stay absent. Raises TooLong for all texts at once."""
    checked: dict[str, Any] = {}
    with collect_errors() as each:
        for name in TEXTS:
            with each:
                if name in changes:
                    checked[name] = optional_text(changes[name], field=(name,), max_length=LINE_LENGTH)
    return checked


def quantities_of(lines: Sequence[StockLine]) -> dict[str, int]:
    """The units by SKU, in their order. Raises what `by_sku` raises, and OutOfRange."""
    return {sku: line.quantity for sku, line in by_sku(lines, lambda line: require_units(line.quantity)).items()}


def received_units(lines: Sequence[ReceivedLine]) -> dict[str, ReceivedLine]:
    """What is received and lost by SKU, in its order; reasons are trimmed.

    Raises, for all lines at once, what `by_sku` raises, OutOfRange, Required for lost units without a reason, and
    NotApplicable for a reason without lost units.
    """
    return {
        sku: ReceivedLine(sku, line.received, line.lost, _reason(line))
        for sku, line in by_sku(lines, _require_receipt).items()
    }


def receipts_of(lines: Mapping[str, StockTransferLine], given: Mapping[str, ReceivedLine] | None) -> list[Receipt]:
    """What a receipt records of the lines of a transfer, given by SKU; all units that are under way without `given`.

    Raises, for all lines at once, SkuNotInTransfer and MoreThanUnderWay.
    """
    if given is None:
        return [Receipt(line, sku, under_way(line), 0, None) for sku, line in lines.items() if under_way(line)]
    receipts = []
    with collect_errors() as each:
        for sku, units in given.items():
            with each:
                if sku not in lines:
                    raise SkuNotInTransfer(sku, field=path_of(given, sku, "sku"))
                line, requested = lines[sku], units.received + units.lost
                if requested > (left := under_way(line)):
                    name = "received" if units.received else "lost"
                    raise MoreThanUnderWay(sku, requested, left, field=path_of(given, sku, name))
                receipts.append(Receipt(line, sku, units.received, units.lost, units.lost_reason))
    return receipts


def joined_reasons(before: str | None, added: str | None) -> str | None:
    """The reasons of the lost units of a line, with that of another receipt; at most 1,000 characters."""
    if before is None or added is None or added == before:
        return added or before
    return f"{before}; {added}"[:LINE_LENGTH]


def line_rows(transfer_id: UUID, lines: Sequence[tuple[UUID, int]]) -> list[Any]:
    """The rows of the lines of a transfer, from items and units."""
    return [
        {"transfer_id": transfer_id, "inventory_id": inventory_id, "position": position, "quantity": quantity}
        for position, (inventory_id, quantity) in enumerate(lines)
    ]


def _reason(line: ReceivedLine) -> str | None:
    return optional_text(line.lost_reason, field=("lost_reason",), max_length=LINE_LENGTH)


def _require_receipt(line: ReceivedLine) -> None:
    with collect_errors() as each:
        with each:
            require_units(line.received, name="received", least=0)
        with each:
            require_units(line.lost, name="lost", least=0)
        with each:
            if not line.received and not line.lost:
                raise OutOfRange("Enter at least one unit, received or lost.", field=("received",))
        with each:
            reason = _reason(line)
            if line.lost and reason is None:
                raise Required("Lost units need a reason.", field=("lost_reason",))
            if reason is not None and not line.lost:
                raise NotApplicable("`lost_reason` is for lost units: enter `lost`.", field=("lost_reason",))
