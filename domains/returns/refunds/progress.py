"""The progress of refunds of returns: what was refunded follows from the refunds of the order and their lines."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.kernel.prisma.statements import Statement
from domains.order import transitions
from domains.payment.events import PaymentRefunded, RefundFailed
from domains.payment.models import NOTHING, Refund, RefundLine, RefundStatus
from domains.payment.service import PaymentService
from domains.returns import changes, data
from domains.returns.events import ReturnRefunded
from domains.returns.models import ReturnItem, ReturnRefund, ReturnRefundStatus, ReturnRequest
from domains.returns.refunds.terms import is_done

STATUSES: Final[Mapping[RefundStatus, ReturnRefundStatus]] = {
    RefundStatus.PENDING: ReturnRefundStatus.PROCESSING,
    RefundStatus.SUCCEEDED: ReturnRefundStatus.COMPLETED,
    RefundStatus.FAILED: ReturnRefundStatus.FAILED,
}


class RefundProgress:
    """Brings returns into agreement with the refunds of their orders. The order is locked first."""

    topics = (PaymentRefunded.topic, RefundFailed.topic)

    def __init__(self, payment: PaymentService, clock: Clock) -> None:
        self._payment = payment
        self._clock = clock

    async def handle(self, tx: Tx, envelope: Envelope) -> None:
        """Record the outcome of a refund in its return, if it is of one. Idempotent.

        One statement for any other refund, otherwise three more than `follow`.
        """
        payload = envelope.payload
        refund_id, order_id = UUID(payload["refund_id"]), UUID(payload["order_id"])
        of_return = await data.return_refund.find_many(tx, where={"refund_id": refund_id}, take=1)
        if of_return:
            order = await transitions.lock_known(tx, order_id)
            await self.follow(tx, Actor.system(order.company_id), of_return[0].return_request_id)

    async def follow(self, tx: Tx, actor: Actor, request_id: UUID) -> tuple[ReturnRequest, list[ReturnRefund]]:
        """Record what was refunded of a return whose order is locked; the request and its refunds. Idempotent.

        A refund that failed is not counted: its units can be refunded again. The request is PROCESSED when nothing is
        left to refund, and not any more when that fails. Six statements. Emits ReturnRefunded for each outcome.
        """
        request = await data.return_request.find_unique(tx, id=request_id)
        if request is None:
            raise LookupError(f"There is no return request {request_id}.")
        where: data.ReturnItemWhere = {"return_request_id": request_id}
        items = await data.return_item.find_many(tx, where=where, order_by=[{"id": "asc"}])
        rows = await refunds_of(tx, [request_id])
        ids = [row.refund_id for row in rows if row.refund_id is not None]
        refunds = {each.id: each for each in await self._payment.refunds.by_id(tx, ids)}
        lines = await self._payment.refunds.lines_of(tx, ids)
        now = self._clock.now()
        before, rows = rows, [_followed(row, refunds) for row in rows]
        counted = {row.refund_id for row in rows if row.status is not ReturnRefundStatus.FAILED}
        items = [_counted(item, [line for line in lines if line.refund_id in counted]) for item in items]
        done = is_done(request, items, rows)
        facts: data.ReturnRequestUpdate = {
            "refund_amount": sum((row.amount for row in rows if row.refund_id in counted), NOTHING),
            "processed_at": (request.processed_at or now) if done else None,
        }
        alongside: list[Statement] = [_item_written(tx, item) for item in items]
        for row in rows:
            settled = row.status is not ReturnRefundStatus.PROCESSING
            status: data.ReturnRefundUpdate = {
                "status": row.status,
                "processed_at": (row.processed_at or now) if settled else None,
                "updated_at": now,
            }
            alongside.append(data.return_refund.alteration(tx, where={"id": row.id}, data=status))
        request = await changes.record(tx, actor, request, facts, alongside=alongside)
        for earlier, row in zip(before, rows, strict=True):
            if row.status is not earlier.status:
                tx.emit(_event(request, row))
        return request, rows


async def refunds_of(tx: Tx, request_ids: Sequence[UUID]) -> list[ReturnRefund]:
    """The refunds of returns, oldest first. One statement."""
    where: data.ReturnRefundWhere = {"return_request_id": {"in": list(request_ids)}}
    return await data.return_refund.find_many(tx, where=where, order_by=[{"id": "asc"}])


def _followed(row: ReturnRefund, refunds: Mapping[UUID, Refund]) -> ReturnRefund:
    refund = refunds.get(row.refund_id) if row.refund_id else None
    if refund is None:
        return row
    return data.return_refund.from_record.changed(row, {"status": STATUSES[refund.status]})


def _event(request: ReturnRequest, row: ReturnRefund) -> ReturnRefunded:
    return ReturnRefunded(
        return_request_id=request.id,
        rma_number=request.rma_number,
        order_id=request.order_id,
        return_refund_id=row.id,
        method=row.refund_method.value,
        status=row.status.value,
        amount=row.amount,
        currency=row.currency,
    )


def _counted(item: ReturnItem, lines: Sequence[RefundLine]) -> ReturnItem:
    own = [line for line in lines if line.order_item_id == item.order_item_id]
    return data.return_item.from_record.changed(
        item,
        {
            "refunded": sum(line.quantity or 0 for line in own),
            "refund_amount": sum((line.amount for line in own), NOTHING),
        },
    )


def _item_written(tx: Tx, item: ReturnItem) -> Statement:
    changed: data.ReturnItemUpdate = {"refunded": item.refunded, "refund_amount": item.refund_amount}
    return data.return_item.alteration(tx, where={"id": item.id}, data=changed)
