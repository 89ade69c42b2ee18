"""The money timeline: who asked for a capture, a void and a refund, and what waits for an answer."""

from decimal import Decimal

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.payment.listing.timeline import MoneyTimelineEntry, MoneyTimelineKind, money_timeline
from domains.payment.models import TransactionStatus
from domains.payment.service import PaymentService
from tests.domains.payment.payer import PRICE, Payer

K = MoneyTimelineKind


async def timeline(payer: Payer) -> list[MoneyTimelineEntry]:
    """The timeline of the payer's order."""
    payments, db = payer.payments, payer.reader
    made = await payments.payments_of(db, [payer.order])
    ids = [payment.id for payment in made]
    return money_timeline(
        made,
        await payments.refunds.of_payments(db, ids),
        await payments.transactions.of_payments(db, ids),
        await payments.lists.entries_of_orders(db, [payer.order]),
    )


async def test_a_capture_is_of_the_staff_who_requested_it(payer: Payer, payments: PaymentService) -> None:
    payment = await payer.authorized()
    staff = Actor(ActorKind.USER, payer.actor.company_id, new_id())
    requested = await payer.database.run(lambda tx: payments.request_capture(tx, payment.id), staff)
    captured = await payments.operations.capture(payer.reader, requested)
    await payer.record(payment, captured)
    asked = {entry.kind: (entry.status, entry.amount, entry.user_id) for entry in await timeline(payer)}
    done = TransactionStatus.SUCCEEDED
    assert asked == {
        K.ATTEMPT: (done, PRICE, payer.actor.user_id),
        K.AUTHORIZATION: (done, PRICE, payer.actor.user_id),
        K.CAPTURE: (done, PRICE, staff.user_id),
    }


async def test_a_refund_without_an_answer_is_pending(payer: Payer, payments: PaymentService) -> None:
    payment = await payer.pay()
    refund = await payer.database.run(
        lambda tx: payments.refunds.create(tx, payer.actor, payment.id, Decimal(5)), payer.actor
    )
    (pending,) = [entry for entry in await timeline(payer) if entry.kind is K.REFUND]
    assert (pending.refund_id, pending.status, pending.amount) == (refund.id, TransactionStatus.PENDING, Decimal(5))
    assert (pending.actor_kind, pending.user_id) == (payer.actor.kind, payer.actor.user_id)
