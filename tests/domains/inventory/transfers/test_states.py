"""What can be done with a transfer in each status, and the quantities of its lines."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.inventory.transfers import validation
from domains.inventory.transfers.errors import (
    MoreThanUnderWay,
    SkuNotInTransfer,
    StockTransferNotCancellable,
    StockTransferNotEditable,
    StockTransferNotReceivable,
    StockTransferNotShippable,
)
from domains.inventory.transfers.models import ReceivedLine, StockTransferLine, StockTransferStatus
from domains.inventory.transfers.states import (
    TRANSITIONS,
    TransferAction,
    received_status,
    require_transition,
    under_way,
)
from domains.kernel.ids import new_id
from domains.kernel.validation import errors_of

ID = UUID(int=1)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
ALLOWED = {
    TransferAction.EDIT: ["DRAFT"],
    TransferAction.SHIP: ["DRAFT"],
    TransferAction.RECEIVE: ["IN_TRANSIT", "PARTIALLY_RECEIVED"],
    TransferAction.CANCEL: ["DRAFT", "IN_TRANSIT"],
}
REFUSALS = {
    TransferAction.EDIT: StockTransferNotEditable,
    TransferAction.SHIP: StockTransferNotShippable,
    TransferAction.RECEIVE: StockTransferNotReceivable,
    TransferAction.CANCEL: StockTransferNotCancellable,
}


def line(quantity: int, **units: int) -> StockTransferLine:
    values: dict[str, Any] = {"shipped": quantity, "received": 0, "lost": 0, "returned": 0, "lost_reason": None}
    values |= units
    return StockTransferLine(
        id=new_id(), company_id=ID, transfer_id=ID, inventory_id=ID, position=0, quantity=quantity, **values
    )


@pytest.mark.parametrize("action", TransferAction)
@pytest.mark.parametrize("status", StockTransferStatus)
def test_an_action_is_possible_in_its_statuses_and_refused_by_name_in_all_others(
    status: StockTransferStatus, action: TransferAction
) -> None:
    if status.value in ALLOWED[action]:
        require_transition("TR-1001", status, action)
        return
    with pytest.raises(REFUSALS[action], match=f"TR-1001 is {status}"):
        require_transition("TR-1001", status, action)


def test_every_status_is_reached_and_finished_transfers_stay_so() -> None:
    reached = {status for statuses in TRANSITIONS.values() for status in statuses}
    assert reached == set(StockTransferStatus)
    assert {status for status, _ in TRANSITIONS} == {
        StockTransferStatus.DRAFT,
        StockTransferStatus.IN_TRANSIT,
        StockTransferStatus.PARTIALLY_RECEIVED,
    }


@given(st.integers(1, 1_000), st.data())
def test_receipts_never_exceed_what_is_under_way_and_add_up_to_what_was_shipped(quantity: int, data: Any) -> None:
    left = line(quantity)
    for _ in range(data.draw(st.integers(1, 6))):
        received, lost = data.draw(st.integers(0, 1_000)), data.draw(st.integers(0, 1_000))
        given_units = {"A": ReceivedLine("A", received, lost, "Broken")}
        if received + lost > under_way(left):
            with pytest.raises(MoreThanUnderWay):
                validation.receipts_of({"A": left}, given_units)
            continue
        (receipt,) = validation.receipts_of({"A": left}, given_units)
        left = line(quantity, received=left.received + receipt.received, lost=left.lost + receipt.lost)
        assert left.received + left.lost + under_way(left) == left.shipped
    complete = under_way(left) == 0
    assert (received_status([left]) is StockTransferStatus.RECEIVED) is complete


def test_a_receipt_without_lines_is_of_all_units_under_way() -> None:
    lines = {"A": line(5, received=2, lost=1), "B": line(3, received=3)}
    (receipt,) = validation.receipts_of(lines, None)
    assert (receipt.sku, receipt.received, receipt.lost) == ("A", 2, 0)


def test_all_wrong_lines_of_a_receipt_are_named_together() -> None:
    units = {"A": ReceivedLine("A", 6), "X": ReceivedLine("X", 1), "B": ReceivedLine("B", 0, 4, "Fire")}
    with pytest.raises(Exception, match="under way") as raised:
        validation.receipts_of({"A": line(5), "B": line(3)}, units)
    errors: Any = raised.value
    assert [(type(error), error.field) for error in errors_of(errors)] == [
        (MoreThanUnderWay, ("lines", "0", "received")),
        (SkuNotInTransfer, ("lines", "1", "sku")),
        (MoreThanUnderWay, ("lines", "2", "lost")),
    ]


@pytest.mark.parametrize(
    ("before", "added", "joined"),
    [
        (None, None, None),
        (None, "Fire", "Fire"),
        ("Fire", None, "Fire"),
        ("Fire", "Fire", "Fire"),
        ("Fire", "Water", "Fire; Water"),
        ("x" * 999, "Water", "x" * 999 + ";"),
    ],
)
def test_the_reasons_of_several_receipts_are_kept(before: str | None, added: str | None, joined: str | None) -> None:
    assert validation.joined_reasons(before, added) == joined
