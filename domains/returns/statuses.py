"""The status of a return request, which follows from its times, and what each status allows. Pure."""

from typing import Final

from domains.returns.data import ReturnRequestRow, ReturnStatus

UNDER_WAY: Final = frozenset({ReturnStatus.APPROVED, ReturnStatus.IN_TRANSIT})
"""Approved, and more units may come."""
OPEN: Final = UNDER_WAY | {ReturnStatus.PENDING, ReturnStatus.RECEIVED}
"""Those that wait for the buyer or for staff."""
ENDED: Final = frozenset({ReturnStatus.REJECTED, ReturnStatus.CLOSED})
"""Those that hold no units but those that came."""


def status(of: ReturnRequestRow) -> ReturnStatus:
    """The status of a return request: the furthest of its facts. The table has the same rule as a constraint."""
    reached = (
        (of.rejected_at, ReturnStatus.REJECTED),
        (of.closed_at, ReturnStatus.CLOSED),
        (of.processed_at, ReturnStatus.PROCESSED),
        (of.received_at, ReturnStatus.RECEIVED),
        (of.in_transit_at, ReturnStatus.IN_TRANSIT),
        (of.approved_at, ReturnStatus.APPROVED),
    )
    return next((each for at, each in reached if at is not None), ReturnStatus.PENDING)
