"""Payments: attempts to charge, what came of them, and money given back.

Each thing done at the provider has three steps: a transaction writes what is meant (`begin`, `void_begin`,
`refund_begin`), the provider is asked outside any transaction (`charge`, `settle`, `refund_send`), a transaction
writes the answer (`record`, `refund_record`). Whatever stops in between is found by `unsettled` and finished.
"""

import asyncio
from collections.abc import Awaitable, Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import require_amount
from domains.payment import data, manual_payments, sql
from domains.payment.cards import CardDetails
from domains.payment.errors import (
    PaymentNotFound,
    PaymentNotRefundable,
    PaymentNotVoidable,
    RefundNotFound,
    RefundTooLarge,
)
from domains.payment.lifecycle import OPEN, PAYMENT_AFTER, REFUND_AFTER
from domains.payment.models import Balance, Payment, PaymentMethod, PaymentStatus, Recorded, Refund, RefundStatus
from domains.payment.provider import Charge, Outcome, PaymentProvider
from domains.payment.providers import Providers

T = TypeVar("T")
ANSWER: Final = timedelta(seconds=15)  # well within a request's own time limit
PATIENCE: Final = timedelta(minutes=2)  # a charge that was begun so long ago is in nobody's hands any more
ASK_AGAIN: Final = timedelta(seconds=30)


class PaymentService:
    """Takes and gives back money through a provider; what came by hand, staff write down."""

    def __init__(self, provider: PaymentProvider, clock: Clock) -> None:
        self._provider = provider
        self._providers = Providers(provider, manual_payments.ManualPayments())
        self._clock = clock

    async def payments_of(self, db: Reader, order_ids: Collection[UUID]) -> list[Payment]:
        """The payments of orders, oldest first. One statement."""
        where: data.PaymentWhere = {"order_id": {"in": list(order_ids)}}
        return await data.payment.find_many(db, where=where, order_by=[{"created_at": "asc"}, {"id": "asc"}])

    async def payments_by_id(self, db: Reader, ids: Collection[UUID]) -> list[Payment]:
        """The payments of these ids, in no order."""
        return await data.payment.find_many(db, where={"id": {"in": list(ids)}})

    async def refunds_of(self, db: Reader, payment_ids: Collection[UUID]) -> list[Refund]:
        """The refunds of payments, oldest first. One statement."""
        where: data.RefundWhere = {"payment_id": {"in": list(payment_ids)}}
        return await data.refund.find_many(db, where=where, order_by=[{"created_at": "asc"}, {"id": "asc"}])

    async def refunds_by_id(self, db: Reader, ids: Collection[UUID]) -> list[Refund]:
        """The refunds of these ids, in no order."""
        return await data.refund.find_many(db, where={"id": {"in": list(ids)}})

    async def balance_of(self, db: Reader, order_id: UUID) -> Balance:
        """What an order's payments come to. One statement."""
        return (await self.balances_of(db, [order_id]))[order_id]

    async def balances_of(self, db: Reader, order_ids: Collection[UUID]) -> dict[UUID, Balance]:
        """What each order's payments come to; an order that nobody paid has a balance of nothing. One statement."""
        found = await sql.balances(db, order_ids)
        return {order_id: found.get(order_id, sql.NOTHING) for order_id in order_ids}

    async def begin(
        self,
        tx: Tx,
        order_id: UUID,
        amount: Decimal,
        currency: str,
        method: CardDetails,
        *,
        payment_id: UUID | None = None,
        fingerprint: str | None = None,
    ) -> Payment | None:
        """Write down an attempt to pay an order, PENDING, before the provider hears of it. One statement.

        None when it was begun before (`payment_id` is the `attempt` of an idempotent workflow), or when another
        payment of the order is open. Of the card only the last four digits are kept, and the `fingerprint` by which
        it is known again. Raises InvalidInput for an
        amount that is not positive or is finer than the currency's minor unit.
        """
        now = self._clock.now()
        return await sql.begin(
            tx,
            {
                "id": payment_id or new_id(),
                "order_id": order_id,
                "provider": self._provider.name,
                "method": PaymentMethod.CARD.value,
                "status": PaymentStatus.PENDING,
                "amount": _positive(amount, currency),
                "currency": currency,
                "card_last_4": method.last4,
                "card_fingerprint": fingerprint,
                "created_at": now,
                "updated_at": now,
            },
        )

    async def orders_of_card(self, db: Reader, fingerprints: Collection[str], since: datetime) -> list[UUID]:
        """The orders that a card has paid, or is paying, since then. One statement."""
        where: data.PaymentWhere = {
            "card_fingerprint": {"in": list(fingerprints)},
            "status": {"in": [PaymentStatus.PENDING, PaymentStatus.UNKNOWN, PaymentStatus.SUCCEEDED]},
            "created_at": {"gte": since},
        }
        return [payment.order_id for payment in await data.payment.find_many(db, where=where)]

    async def record_by_hand(self, tx: Tx, order_id: UUID, amount: Decimal, currency: str, method: str) -> Payment:
        """Write down money that came outside any provider: a payment of MANUAL, SUCCEEDED. One statement.

        What is refunded of it succeeds at once. Raises InvalidInput for an amount that is not positive.
        """
        return await manual_payments.record(
            tx, order_id, _positive(amount, currency), currency, method, now=self._clock.now()
        )

    async def charge(self, payment: Payment, card: CardDetails) -> Outcome:
        """Ask the provider for the money, in no transaction. UNKNOWN when it does not answer within ANSWER.

        The same payment again is the same charge: the provider knows it by the payment's id.
        """
        charge = Charge(payment.id, payment.amount, payment.currency, card)
        return await _answer_to(self._providers.of(payment).charge(charge))

    async def record(self, tx: Tx, payment_id: UUID, outcome: Outcome) -> Recorded:
        """Write down what the provider said of a charge or its undoing. Idempotent.

        An answer that comes too late for the payment's status (a decline of what was captured meanwhile) changes
        nothing. Raises PaymentNotFound. One statement, or two when nothing changed.
        """
        becomes, of = PAYMENT_AFTER[outcome.status]
        now = self._clock.now()
        recorded = await sql.record(tx, payment_id, outcome, becomes, of, now=now)
        if recorded is not None:
            return recorded
        payment = await self._payment(tx, payment_id)
        return Recorded(payment, payment.status)

    async def void_begin(self, tx: Tx, payment_id: UUID) -> Payment:
        """Write down that a charge is to be undone, whatever becomes of it; `settle` then undoes it. Idempotent.

        Nothing can be refunded of it any more. Raises PaymentNotFound, PaymentNotVoidable after a refund.
        """
        payment = await self._payment(tx, payment_id, lock=True)
        if payment.status is not PaymentStatus.SUCCEEDED and payment.status not in OPEN:
            return payment
        if await sql.given_back(tx, payment_id):
            raise PaymentNotVoidable
        return await sql.request_void(tx, payment_id, now=self._clock.now())

    async def void(self, payment: Payment) -> Outcome:
        """Ask the provider to undo a charge, in no transaction: VOIDED, or UNKNOWN when it does not answer.

        It holds for a charge that the provider has not received yet as well: should it still come, it takes nothing.
        """
        return await _answer_to(self._providers.of(payment).void(payment.id, payment.provider_transaction_id))

    async def unsettled(self, db: Reader, limit: int = 100) -> list[Payment]:
        """Payments to `settle`: begun and left alone, without an answer, or to be undone; longest waiting first."""
        now = self._clock.now()
        return await sql.unsettled(db, begun_before=now - PATIENCE, asked_before=now - ASK_AGAIN, limit=limit)

    async def settle(self, payment: Payment) -> Outcome:
        """Find out from the provider what became of a payment, in no transaction; `record` what comes back.

        What is to be undone is. A charge that never arrived is closed at the provider (VOIDED), so that it cannot
        take money when it arrives late.
        """
        if payment.void_requested_at is not None:
            return await self.void(payment)
        return await _answer_to(self._look_up(payment))

    async def refund_begin(
        self,
        tx: Tx,
        actor: Actor,
        payment_id: UUID,
        amount: Decimal | None,
        reason: str | None = None,
        *,
        refund_id: UUID | None = None,
    ) -> Refund:
        """Write down that money is to be given back (all that is left with no amount), PENDING.

        The payment's row is locked: refunds that are sent at once never add up to more than was captured. With
        `refund_id` the same refund is begun once, and found again. Raises PaymentNotFound, PaymentNotRefundable,
        ProviderMissing, and of both fields at once RefundTooLarge, InvalidInput, TooLong. Three statements at most.
        """
        payment = await self._payment(tx, payment_id, lock=True)
        if refund_id is not None:
            begun = await data.refund.find_unique(tx, id=refund_id)
            if begun is not None:
                return begun
        if payment.status is not PaymentStatus.SUCCEEDED or payment.void_requested_at is not None:
            raise PaymentNotRefundable
        self._providers.of(payment)  # one that nobody can send is not begun
        available = payment.amount - await sql.given_back(tx, payment_id)
        with collect_errors() as each:
            with each:
                wanted = available if amount is None else _positive(amount, payment.currency)
                if wanted > available or not wanted:
                    raise RefundTooLarge(wanted, available, payment.currency)
            with each:
                reason = optional_text(reason, field=("reason",), most=LINE_LENGTH)
        now = self._clock.now()
        return await data.refund.create(
            tx,
            {
                "id": refund_id or new_id(),
                "payment_id": payment_id,
                "order_id": payment.order_id,
                "amount": wanted,
                "currency": payment.currency,
                "reason": reason,
                "status": RefundStatus.PENDING,
                "performed_by": actor.user_id,
                "actor_kind": actor.kind,
                "created_at": now,
                "updated_at": now,
            },
        )

    async def refund_send(self, payment: Payment, refund: Refund) -> Outcome:
        """Ask the provider to give the money back, in no transaction; the same refund again is given back once."""
        transaction_id = payment.provider_transaction_id
        if transaction_id is None:
            raise PaymentNotRefundable
        provider = self._providers.of(payment)
        return await _answer_to(provider.refund(refund.id, transaction_id, refund.amount, refund.currency))

    async def refund_record(self, tx: Tx, refund_id: UUID, outcome: Outcome) -> Refund:
        """Write down what the provider said of a refund; the refund as it is then. Idempotent.

        A refund without an answer stays PENDING, and one that was refused (FAILED) frees its amount. Raises
        RefundNotFound. Two statements.
        """
        becomes = REFUND_AFTER[outcome.status]
        now = self._clock.now()
        changes: data.RefundUpdate = {"status": becomes, "updated_at": now}
        if becomes is not RefundStatus.PENDING:
            changes |= {"settled_at": now, "provider_refund_id": outcome.transaction_id}
        await data.refund.update_many(tx, where={"id": refund_id, "status": RefundStatus.PENDING}, data=changes)
        refund = await data.refund.find_unique(tx, id=refund_id)
        if refund is None:
            raise RefundNotFound
        return refund

    async def unsettled_refunds(self, db: Reader, limit: int = 100) -> list[Refund]:
        """Refunds to send again: begun and left without an answer; longest waiting first."""
        where: data.RefundWhere = {
            "status": RefundStatus.PENDING,
            "updated_at": {"lte": self._clock.now() - PATIENCE},
        }
        order: list[data.RefundOrder] = [{"updated_at": "asc"}, {"id": "asc"}]
        return await data.refund.find_many(db, where=where, order_by=order, take=limit)

    async def _look_up(self, payment: Payment) -> Outcome:
        provider = self._providers.of(payment)
        return await provider.lookup(payment.id) or await provider.void(payment.id, None)

    async def _payment(self, tx: Tx, payment_id: UUID, *, lock: bool = False) -> Payment:
        payment = await data.payment.find_unique(tx, id=payment_id, lock=lock)
        if payment is None:
            raise PaymentNotFound
        return payment


async def _answer_to(request: Awaitable[Outcome]) -> Outcome:
    """What the provider answers within its time; UNKNOWN when it does not."""
    try:
        async with asyncio.timeout(ANSWER.total_seconds()):
            return await request
    except OSError:  # TimeoutError is one
        return Outcome.unknown()


def _positive(amount: Decimal, currency: str) -> Decimal:
    exact = require_amount(amount, currency, field=("amount",))
    if not exact:
        raise InvalidInput("An amount to pay or to give back is more than zero.", field=("amount",))
    return exact
