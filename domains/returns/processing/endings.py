"""Endings of return requests: rejected, cancelled by the buyer, closed by staff, or not sent in time."""

from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.text.validation import LINE_LENGTH, require_text
from domains.returns import changes, data, statuses
from domains.returns.errors import ReturnNotAllowed
from domains.returns.events import ReturnClosed, ReturnRejected
from domains.returns.models import ReturnRequest, ReturnStatus
from domains.returns.processing import locked_returns
from domains.returns.processing.locked_returns import LockedReturn

EXPIRED: Final = "Not sent in time"
# The request whose authorization has expired first, and whose goods are not on their way.
NEXT_EXPIRED: Final = """
select q.id from return_authorizations a
join return_requests q on q.company_id = a.company_id and q.id = a.return_request_id
where a.company_id = $1 and a.expires_at <= $2 and q.status = 'APPROVED'
order by a.expires_at, q.id limit 1
"""


class Endings:
    """Ends return requests; the units that did not come can be requested again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def reject(self, tx: Tx, actor: Actor, request_id: UUID, reason: str) -> ReturnRequest:
        """Reject a PENDING request for a reason that the buyer reads.

        Raises ReturnRequestNotFound, ReturnNotAllowed, Required, TooLong, InvalidInput. Five statements. Emits
        ReturnRejected.
        """
        text = require_text(reason, field=("reason",), max_length=LINE_LENGTH)
        locked = await locked_returns.lock(tx, actor, request_id)
        locked.require({ReturnStatus.PENDING}, "Only a PENDING return can be rejected. Close it instead.")
        facts: data.ReturnRequestUpdate = {"rejected_at": self._clock.now(), "rejection_reason": text}
        changed = await changes.record(tx, actor, locked.request, facts, notes=text)
        request = locked.request
        tx.emit(
            ReturnRejected(return_request_id=request.id, rma_number=request.rma_number, order_id=request.order_id)
        )
        return changed

    async def cancel(
        self, tx: Tx, actor: Actor, request_id: UUID, *, token: str | None = None, notes: str | None = None
    ) -> ReturnRequest:
        """Cancel a request of which nothing has come, as its buyer, a guest with the order's token, or staff.

        It is CLOSED. Raises ReturnRequestNotFound, ReturnNotAllowed, TooLong, InvalidInput. Five statements. Emits
        ReturnClosed.
        """
        locked = await locked_returns.lock(tx, actor, request_id, token)
        open_statuses = statuses.UNDER_WAY | {ReturnStatus.PENDING}
        locked.require(open_statuses, "Only a return whose goods have not come can be cancelled.")
        if any(item.received or item.refunded for item in locked.items):
            advice = "Some of its goods have come or were refunded: ask the shop to close it."
            raise ReturnNotAllowed(locked.request.rma_number, locked.request.status, advice)
        return await self._close(tx, actor, locked, notes)

    async def close(self, tx: Tx, actor: Actor, request_id: UUID, *, notes: str | None = None) -> ReturnRequest:
        """Close a request, of which nothing more will come or be refunded.

        Raises ReturnRequestNotFound, ReturnNotAllowed, TooLong, InvalidInput. Five statements. Emits ReturnClosed.
        """
        locked = await locked_returns.lock(tx, actor, request_id)
        locked.require(set(ReturnStatus) - statuses.ENDED, "It has ended already.")
        return await self._close(tx, actor, locked, notes)

    async def close_expired(self, tx: Tx) -> int:
        """Close the first request whose goods were not on their way in time; the number of closed requests, 0 or 1.

        Emits ReturnClosed.
        """
        request_id = await tx.fetch_value(NEXT_EXPIRED, tx.company_id, self._clock.now())
        if request_id is None:
            return 0
        locked = await locked_returns.lock(tx, tx.actor, request_id)
        if locked.request.status is ReturnStatus.APPROVED:
            await self._close(tx, tx.actor, locked, EXPIRED)
        return 1

    async def _close(self, tx: Tx, actor: Actor, locked: LockedReturn, notes: str | None) -> ReturnRequest:
        request = locked.request
        changed = await changes.record(tx, actor, request, {"closed_at": self._clock.now()}, notes=notes)
        tx.emit(ReturnClosed(return_request_id=request.id, rma_number=request.rma_number, order_id=request.order_id))
        return changed
