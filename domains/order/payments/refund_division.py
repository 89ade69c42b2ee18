"""Division of a refund over the payments of an order. Pure."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from domains.kernel.values.money import round_half_up
from domains.payment.models import NewRefundLine, RefundLineKind


def divided(lines: Sequence[NewRefundLine], available: Sequence[Decimal], currency: str) -> list[list[NewRefundLine]]:
    """The lines of the refund of each payment, of which the first ones are used up first; empty for the others.

    `available` is what each payment has left; it is enough for the lines, whose sum is positive. A line that is
    divided counts its units in its last part, and its parts add up to its amount and its tax.
    """
    left = deque(sorted(lines, key=lambda line: line.amount >= 0))  # a deduction is made from the first refund
    return [list(_taken(left, room, currency)) if room > 0 else [] for room in available]


def _taken(left: deque[NewRefundLine], room: Decimal, currency: str) -> Iterator[NewRefundLine]:
    """Take what fits into the room."""
    while left and left[0].amount <= room:
        line = left.popleft()
        room -= line.amount
        yield line
    if left and room:
        line = left.popleft()
        part = replace(
            line,
            amount=room,
            tax=round_half_up(line.tax * room / line.amount, currency),
            quantity=0 if line.kind is RefundLineKind.ITEM else None,
        )
        left.appendleft(replace(line, amount=line.amount - part.amount, tax=line.tax - part.tax))
        yield part
