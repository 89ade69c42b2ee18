"""The checks of a new return request, each error with its path. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.errors import DuplicateValue, NotApplicable, OutOfRange, TooMany
from domains.kernel.text.validation import Required, optional_text
from domains.kernel.validation import collect_errors, prefix_errors
from domains.order.errors import OrderItemNotFound
from domains.returns.errors import ItemNotReturnable, ReturnQuantityTooLarge, ReturnWindowEnded
from domains.returns.models import NewReturn, NewReturnLine, ReturnRefundMethod, WishedGoods
from domains.returns.requests.rules import ReturnableLine

MAX_LINES: Final = 100
MAX_NOTES: Final = 5_000
MAX_WISHED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a request is checked against; without a window all delivered units can be returned."""

    now: datetime
    window_days: int | None
    excluded: Collection[UUID]


def checked_input(new: NewReturn, *, is_guest: bool) -> str | None:
    """The notes of a request as they are stored.

    Raises, of all fields at once, Required without lines, TooMany, DuplicateValue, OutOfRange, NotApplicable for
    wishes without an exchange and for store credit of a guest, TooLong and InvalidInput.
    """
    notes = None
    with collect_errors() as each:
        with each:
            _require_lines(new.lines)
        with each:
            notes = optional_text(new.notes, field=("notes",), max_length=MAX_NOTES)
        with each:
            _require_wishes(new)
        with each:
            if is_guest and new.refund_method is ReturnRefundMethod.STORE_CREDIT:
                raise NotApplicable("Guests have no store credit. Choose another method.", field=("refund_method",))
    return notes


def _require_lines(lines: Sequence[NewReturnLine]) -> None:
    if not lines:
        raise Required("Name at least one line of the order.", field=("lines",))
    if len(lines) > MAX_LINES:
        raise TooMany(f"A return has at most {MAX_LINES} lines.", field=("lines",))
    known: set[UUID] = set()
    with collect_errors() as each:
        for position, line in enumerate(lines):
            with each, prefix_errors(("lines", str(position))):
                if line.order_item_id in known:
                    raise DuplicateValue("This line of the order is given twice.", field=("order_item_id",))
                known.add(line.order_item_id)
                if line.quantity < 1:
                    raise OutOfRange("The quantity must be at least 1.", field=("quantity",))


def _require_wishes(new: NewReturn) -> None:
    if new.wishes and new.refund_method is not ReturnRefundMethod.EXCHANGE:
        raise NotApplicable("Only an EXCHANGE has goods that are wished. Leave them out.", field=("wishes",))
    if len(new.wishes) > MAX_LINES:
        raise TooMany(f"At most {MAX_LINES} goods can be wished.", field=("wishes",))
    with collect_errors() as each:
        for position, wish in enumerate(new.wishes):
            with each:
                _require_wish(wish, position)


def _require_wish(wish: WishedGoods, position: int) -> None:
    if not 1 <= wish.quantity <= MAX_WISHED:
        raise OutOfRange(
            f"The quantity is a number from 1 to {MAX_WISHED:,}.", field=("wishes", str(position), "quantity")
        )


def require_returnable(
    lines: Sequence[NewReturnLine], known: Mapping[UUID, ReturnableLine], terms: Terms
) -> list[ReturnableLine]:
    """The lines of the order that are to be returned, in the order of the request.

    Raises, of all lines at once, OrderItemNotFound, ItemNotReturnable, ReturnQuantityTooLarge, ReturnWindowEnded.
    """
    found: list[ReturnableLine] = []
    with collect_errors() as each:
        for position, line in enumerate(lines):
            with each, prefix_errors(("lines", str(position))):
                found.append(_require_line(line, known.get(line.order_item_id), terms))
    return found


def _require_line(line: NewReturnLine, known: ReturnableLine | None, terms: Terms) -> ReturnableLine:
    if known is None:
        raise OrderItemNotFound
    if reason := _reason(known, terms):
        raise ItemNotReturnable(reason)
    if line.quantity > known.left:
        raise ReturnQuantityTooLarge(line.quantity, known.left)
    if terms.window_days is not None and line.quantity > (within := known.within(terms.window_days, terms.now)):
        raise ReturnWindowEnded(terms.window_days, known.window_ends_at(terms.window_days), within)
    return known


def _reason(line: ReturnableLine, terms: Terms) -> str | None:
    """Why a line can never be returned; None when it can."""
    if line.item.is_gift_card:
        return "it is a gift card"
    if not line.item.requires_shipping:
        return "it is digital"
    return "the shop does not take this product back" if line.item.product_id in terms.excluded else None
