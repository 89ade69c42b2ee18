"""Pays one order, each step in a transaction that commits."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.models import CaptureMode, Payment
from domains.payment.providers.requests import PaymentInstrument
from domains.payment.providers.results import ProviderPayment
from domains.payment.service import PaymentService
from gateway.providers.mock.declines import APPROVES

PRICE = Decimal("19.90")


def card(number: str) -> CardDetails:
    """A card that has been checked."""
    return CardDetails(Secret(number), 12, 2030, Secret("123"))


class Payer:
    """Pays one order, each step in its own transaction that commits."""

    def __init__(self, database: Database, actor: Actor, payments: PaymentService, order: UUID) -> None:
        self.database, self.actor, self.payments, self.order = database, actor, payments, order

    def creating(self, instrument: PaymentInstrument) -> Callable[[Tx], Awaitable[Payment | None]]:
        async def create(tx: Tx) -> Payment | None:
            return await self.payments.create(tx, self.order, PRICE, "EUR", instrument)

        return create

    async def set_mode(self, mode: CaptureMode) -> None:
        await self.database.run(lambda tx: self.payments.settings.update(tx, {"capture_mode": mode}), self.actor)

    async def begin(self, number: str = APPROVES, mode: CaptureMode = CaptureMode.AUTOMATIC) -> Payment:
        if mode is not CaptureMode.AUTOMATIC:
            await self.set_mode(mode)
        begun = await self.database.run(self.creating(card(number)), self.actor)
        assert begun is not None
        return begun

    @property
    def reader(self) -> Reader:
        return self.database.reader(self.actor.company_id)

    async def authorized(self) -> Payment:
        return await self.authorize(await self.begin(mode=CaptureMode.MANUAL), APPROVES)

    async def authorize(self, payment: Payment, number: str) -> Payment:
        result = await self.payments.operations.authorize(self.reader, payment, card(number))
        return await self.record(payment, result)

    async def record(self, payment: Payment, result: ProviderPayment) -> Payment:
        return (await self.database.run(lambda tx: self.payments.record(tx, payment.id, result), self.actor)).payment

    async def pay(self, number: str = APPROVES) -> Payment:
        return await self.authorize(await self.begin(number), number)

    async def reconcile(self) -> list[Payment]:
        waiting = await self.payments.reconciliation.due_payments(self.reader)
        reconcile = self.payments.reconciliation.reconcile
        return [await self.record(payment, await reconcile(self.reader, payment)) for payment in waiting]

    async def books(self, owner: Any) -> list[tuple[str, Any]]:
        rows = await owner.fetch(
            "select m.status, m.amount from mock_charges m join payments p on p.id = m.reference "
            "where p.order_id = $1 order by m.reference",
            self.order,
        )
        return [tuple(row.values()) for row in rows]
