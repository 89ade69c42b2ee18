"""Pays one order, each step in a transaction that commits."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.models import CaptureMethod, Payment
from domains.payment.provider import PaymentInstrument, ProviderPayment
from domains.payment.service import PaymentService
from gateway.providers.payment_mock import APPROVES

PRICE = Decimal("19.90")


def card(number: str) -> CardDetails:
    """A card that has been checked."""
    return CardDetails(Secret(number), 12, 2030, Secret("123"))


class Payer:
    """Pays one order, each step in its own transaction that commits."""

    def __init__(self, database: Database, actor: Actor, payments: PaymentService, order: UUID) -> None:
        self.database, self.actor, self.payments, self.order = database, actor, payments, order

    def creating(
        self, instrument: PaymentInstrument, capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    ) -> Callable[[Tx], Awaitable[Payment | None]]:
        async def create(tx: Tx) -> Payment | None:
            return await self.payments.create(tx, self.order, PRICE, "EUR", instrument, capture_method=capture_method)

        return create

    async def begin(self, number: str = APPROVES, capture_method: CaptureMethod = CaptureMethod.AUTOMATIC) -> Payment:
        begun = await self.database.run(self.creating(card(number), capture_method), self.actor)
        assert begun is not None
        return begun

    async def authorized(self) -> Payment:
        payment = await self.begin(capture_method=CaptureMethod.MANUAL)
        return await self.record(payment, await self.payments.transactions.authorize(payment, card(APPROVES)))

    async def record(self, payment: Payment, result: ProviderPayment) -> Payment:
        return (await self.database.run(lambda tx: self.payments.record(tx, payment.id, result), self.actor)).payment

    async def pay(self, number: str = APPROVES) -> Payment:
        payment = await self.begin(number)
        return await self.record(payment, await self.payments.transactions.authorize(payment, card(number)))

    async def reconcile(self) -> list[Payment]:
        waiting = await self.payments.reconciliation.due_payments(self.database.reader(self.actor.company_id))
        return [
            await self.record(payment, await self.payments.reconciliation.reconcile(payment)) for payment in waiting
        ]

    async def books(self, owner: Any) -> list[tuple[str, Any]]:
        rows = await owner.fetch(
            "select m.status, m.amount from mock_charges m join payments p on p.id = m.reference "
            "where p.order_id = $1 order by m.reference",
            self.order,
        )
        return [tuple(row.values()) for row in rows]
