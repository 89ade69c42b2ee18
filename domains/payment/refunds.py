"""Refunds of captured payments: created in a transaction, sent to the provider, and recorded in another."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Part, PartRows
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import Money
from domains.payment import data, sql
from domains.payment.accounts.accounts import PaymentAccounts
from domains.payment.amounts import require_positive
from domains.payment.audit import log
from domains.payment.errors import (
    AmountNotTaken,
    PaymentNotFound,
    PaymentNotRefundable,
    RefundNotFound,
    RefundTooLarge,
)
from domains.payment.events import PaymentRefunded, RefundFailed
from domains.payment.models import (
    NOTHING,
    NewRefundLine,
    Payment,
    PaymentAuditEvent,
    PaymentStatus,
    Refund,
    RefundDestination,
    RefundLine,
    RefundStatus,
    RefundTarget,
    TransactionStatus,
    TransactionType,
    is_captured,
)
from domains.payment.providers.operations import answer, reference_of
from domains.payment.providers.recorded_provider import transaction_id
from domains.payment.providers.requests import RefundRequest
from domains.payment.providers.results import ProviderRefund, ProviderTransaction
from domains.payment.transactions import Transactions

BACK: Final = RefundTarget()


class Refunds:
    """Refunds payments, in whole or in part, never more than was captured."""

    def __init__(self, accounts: PaymentAccounts, transactions: Transactions, clock: Clock) -> None:
        self._accounts = accounts
        self._transactions = transactions
        self._clock = clock

    async def of_payments(self, db: Reader, payment_ids: Collection[UUID]) -> list[Refund]:
        """The refunds of payments, oldest first. One statement."""
        where: data.RefundWhere = {"payment_id": {"in": list(payment_ids)}}
        return await data.refund.find_many(db, where=where, order_by=[{"created_at": "asc"}, {"id": "asc"}])

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[Refund]:
        """The refunds with these ids, in no order. One statement."""
        return await data.refund.find_many(db, where={"id": {"in": list(ids)}})

    async def lines_of(self, db: Reader, refund_ids: Collection[UUID]) -> list[RefundLine]:
        """The lines of refunds, in their order. One statement."""
        where: data.RefundLineWhere = {"refund_id": {"in": list(refund_ids)}}
        return await data.refund_line.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def lines_of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[RefundLine]:
        """The lines of the refunds of orders that succeeded or are under way, in their order. One statement."""
        return await sql.refunded_lines(db, order_ids)

    def reading_lines(self, db: Reader, refund_id: UUID) -> Part:
        """The lines of a refund, which never change, as a part of another domain's statement; see `read_lines`."""
        return sql.reading_lines(db, refund_id)

    def read_lines(self, rows: PartRows) -> tuple[RefundLine, ...]:
        """The lines of `reading_lines`."""
        return sql.read_lines(rows)

    async def available(self, db: Reader, payments: Sequence[Payment]) -> dict[UUID, Decimal]:
        """What each captured payment has left to refund, in their order. One statement."""
        captured = [payment for payment in payments if is_captured(payment)]
        refunded = await sql.refunded_or_refunding(db, [payment.id for payment in captured])
        return {payment.id: _available(payment, refunded) for payment in captured}

    async def create(
        self,
        tx: Tx,
        actor: Actor,
        payment_id: UUID,
        amount: Decimal | None,
        reason: str | None = None,
        *,
        refund_id: UUID | None = None,
        lines: Sequence[NewRefundLine] = (),
        to: RefundTarget = BACK,
    ) -> Refund:
        """Create a PENDING refund, of the whole remaining amount for None; `send` then sends it.

        One whose target is not the original payment needs no provider: `settled` has its answer.

        The amount is the sum of the lines, which are one adjustment when none are given. The payment's row is locked,
        so that concurrent refunds never exceed the captured amount. With a `refund_id` that exists already, that
        refund is returned. Raises PaymentNotFound, PaymentNotRefundable, ProviderNotConfigured, and of both fields at
        once RefundTooLarge, OutOfRange, TooManyDecimals, AmountNotTaken, and TooLong and InvalidInput for the reason.
        Four statements at most.
        """
        payment = await data.payment.find_unique(tx, id=payment_id, lock=True)
        if payment is None:
            raise PaymentNotFound
        existing = None if refund_id is None else await data.refund.find_unique(tx, id=refund_id)
        if existing is not None:
            return existing
        if payment.status is not PaymentStatus.SUCCEEDED or payment.cancel_requested_at is not None:
            raise PaymentNotRefundable
        is_sent = to.destination is RefundDestination.ORIGINAL_PAYMENT
        # A refund that cannot be sent is not created.
        provider = await self._accounts.opened(tx, payment.provider) if is_sent else None
        if lines:
            amount = sum((line.amount for line in lines), NOTHING)
        available = _available(payment, await sql.refunded_or_refunding(tx, [payment_id]))
        with collect_errors() as each:
            with each:
                refunded = available if amount is None else require_positive(amount, payment.currency)
                if refunded > available or not refunded:
                    raise RefundTooLarge(refunded, available, payment.currency)
                if provider is not None and not provider.takes(Money(refunded, payment.currency)):
                    raise AmountNotTaken(payment.currency)
            with each:
                reason = optional_text(reason, field=("reason",), max_length=LINE_LENGTH)
        row = _pending(actor, payment, refund_id or new_id(), refunded, reason, self._clock.now(), to)
        refund = await insert(tx, row, lines or [NewRefundLine.adjustment(refunded)])
        log.record(tx, PaymentAuditEvent.REFUND_REQUESTED, log.Subject.refund(refund))
        return refund

    async def send(self, db: Reader, payment: Payment, refund: Refund) -> ProviderRefund:
        """Send a refund to the payment's provider, in no transaction; PENDING when it does not answer.

        Nothing is sent of a refund that goes elsewhere. The provider carries out a refund once, also when it is sent
        again. Raises PaymentNotRefundable, ProviderNotConfigured.
        """
        if refund.destination is not RefundDestination.ORIGINAL_PAYMENT:
            return settled(refund)
        if payment.provider_transaction_id is None:
            raise PaymentNotRefundable
        amount = Money(refund.amount, refund.currency)
        request = RefundRequest(refund.id, reference_of(payment), amount)
        provider = await self._accounts.opened(db, payment.provider)
        return await answer(provider.refund(request), ProviderRefund.unanswered(), payment)

    async def record(self, tx: Tx, refund_id: UUID, result: ProviderRefund) -> Refund:
        """Record the provider's answer to a refund; the refund after it. Idempotent.

        A PENDING refund stays to be sent again, a FAILED one makes its amount refundable again. The transaction is
        added to the ledger, and the payment's refunded amount follows from it. Raises RefundNotFound. Two statements,
        four with a result. Emits PaymentRefunded or RefundFailed.
        """
        refund = await sql.lock_refund(tx, refund_id)
        if refund is None:
            raise RefundNotFound
        if refund.status is not RefundStatus.PENDING:
            return refund
        refund = await data.refund.update(tx, id=refund_id, data=_answered(result, self._clock.now()))
        if refund.status is not RefundStatus.PENDING:
            await self._transactions.post(tx, refund.payment_id, [_transaction_of(refund)], refund)
            event = PaymentRefunded if refund.status is RefundStatus.SUCCEEDED else RefundFailed
            tx.emit(event.of(refund))
            log.record_refund(tx, refund)
        return refund


def settled(refund: Refund) -> ProviderRefund:
    """The answer to a refund that no provider is asked for: its amount is here already."""
    return ProviderRefund(RefundStatus.SUCCEEDED, transaction_id(f"{refund.destination.value}_re", refund.id))


def _answered(result: ProviderRefund, now: datetime) -> data.RefundUpdate:
    """The changes of a PENDING refund that the provider has answered."""
    changes: data.RefundUpdate = {"status": result.status, "updated_at": now}
    if result.status is not RefundStatus.PENDING:
        changes |= {"settled_at": now, "provider_refund_id": result.provider_id}
    if result.decline is not None:
        changes |= {
            "failure_reason": result.decline.reason,
            "failure_code": result.decline.code,
            "failure_message": result.decline.message,
        }
    return changes


async def insert(tx: Tx, refund: data.RefundCreate, lines: Sequence[NewRefundLine]) -> Refund:
    """Insert a refund with its lines, whose sum is its amount. One statement."""
    rows: list[data.RefundLineCreate] = [
        {
            "refund_id": refund["id"],
            "order_id": refund["order_id"],
            "kind": line.kind,
            "order_item_id": line.order_item_id,
            "quantity": line.quantity,
            "amount": line.amount,
            "tax": line.tax,
            "tax_rate": line.tax_rate,
            "currency": refund["currency"],
        }
        for line in lines
    ]
    return await data.refund.create(tx, refund, alongside=[data.refund_line.insertion(tx, rows)])


def _pending(
    actor: Actor,
    payment: Payment,
    refund_id: UUID,
    amount: Decimal,
    reason: str | None,
    now: datetime,
    to: RefundTarget,
) -> data.RefundCreate:
    return {
        "id": refund_id,
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "amount": amount,
        "currency": payment.currency,
        "reason": reason,
        "status": RefundStatus.PENDING,
        "destination": to.destination,
        "store_credit_id": to.store_credit_id,
        "exchange_payment_id": to.exchange_payment_id,
        "performed_by": actor.user_id,
        "actor_kind": actor.kind,
        "created_at": now,
        "updated_at": now,
    }


def _available(payment: Payment, refunded: Mapping[UUID, Decimal]) -> Decimal:
    """What a captured payment has left to refund."""
    left = payment.amount_captured - payment.amount_charged_back - refunded.get(payment.id, NOTHING)
    return max(left, NOTHING)


def _transaction_of(refund: Refund) -> ProviderTransaction:
    """The provider's transaction of a refund that was answered now; one without an id of the provider has ours."""
    return ProviderTransaction(
        refund.provider_refund_id or str(refund.id),
        TransactionType.REFUND,
        TransactionStatus(refund.status.value),
        Money(refund.amount, refund.currency),
        refund.updated_at,
        refund.id,
    )
