"""The audit log of payments: one entry for each act, in its transaction, with the actor and the result."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.payment.audit import log
from domains.payment.errors import PaymentNotFound
from domains.payment.models import DeclineReason, PaymentAuditEvent, RefundStatus
from domains.payment.providers.recorded_provider import MANUAL
from domains.payment.providers.registry import Providers
from domains.payment.providers.results import Decline, ProviderPayment, ProviderRefund, ProviderStatus
from domains.payment.reconciliation import ABANDONED_AFTER
from domains.payment.service import PaymentService
from gateway.providers.mock.declines import DECLINES
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.payer import PRICE, Payer
from tests.domains.payment.services import payment_service

CHANGES = ("update payment_audit_logs set success = false", "delete from payment_audit_logs")


async def entries(owner: Any, company: UUID) -> list[tuple[str, Decimal | None, bool, str | None]]:
    """Event, amount, success and error of all entries; the order is that of their ids."""
    rows = await owner.fetch(
        "select event_type, amount, success, error from payment_audit_logs where company_id = $1 order by id", company
    )
    return [tuple(row) for row in rows]


async def test_a_payment_is_logged_when_it_is_created_and_when_it_succeeds(
    payer: Payer, owner: Any, company: UUID
) -> None:
    payment = await payer.pay()
    assert await entries(owner, company) == [
        ("PAYMENT_CREATED", PRICE, True, None),
        ("PAYMENT_SUCCEEDED", PRICE, True, None),
    ]
    rows = await owner.fetch("select * from payment_audit_logs where company_id = $1 order by id", company)
    for row in rows:
        assert (row["payment_id"], row["order_id"], row["provider"]) == (payment.id, payment.order_id, "MOCK")
        assert (row["actor_kind"], row["user_id"]) == (payer.actor.kind, payer.actor.user_id)
        assert row["currency"] == "EUR"
    assert [row["details"] for row in rows] == [None, payment.provider_transaction_id]


async def test_a_decline_is_logged_with_its_reason_and_code_and_without_the_message(
    payer: Payer, owner: Any, company: UUID
) -> None:
    await payer.pay(DECLINES)
    assert await entries(owner, company) == [
        ("PAYMENT_CREATED", PRICE, True, None),
        ("PAYMENT_FAILED", PRICE, False, "CARD_DECLINED (CARD_DECLINED)"),
    ]


async def test_an_answer_that_comes_twice_or_too_late_is_logged_once(payer: Payer, owner: Any, company: UUID) -> None:
    payment = await payer.pay()
    logged = await entries(owner, company)
    decline = Decline(DeclineReason.CARD_DECLINED, "LATE", "Too late.")
    for answer in (
        ProviderPayment(ProviderStatus.SUCCEEDED),
        ProviderPayment(ProviderStatus.FAILED, decline=decline),
        ProviderPayment.unanswered(),
    ):
        await payer.record(payment, answer)
    assert await entries(owner, company) == logged


async def test_requests_to_capture_and_to_cancel_are_logged_once(
    payer: Payer, payments: PaymentService, owner: Any, company: UUID
) -> None:
    payment = await payer.authorized()
    for _ in range(2):
        await payer.database.run(lambda tx: payments.request_capture(tx, payment.id), payer.actor)
    for _ in range(2):
        await payer.database.run(lambda tx: payments.request_cancellation(tx, payment.id), payer.actor)
    assert [entry[0] for entry in await entries(owner, company)] == [
        "PAYMENT_CREATED",
        "PAYMENT_AUTHORIZED",
        "CAPTURE_REQUESTED",
        "CANCELLATION_REQUESTED",
    ]


async def test_what_a_job_finds_out_is_logged_as_the_systems_act(
    payer: Payer, payments: PaymentService, owner: Any, company: UUID, clock: FixedClock
) -> None:
    await payer.begin()
    clock.advance(ABANDONED_AFTER)
    job = Payer(payer.database, Actor.system(company), payments, payer.order)
    await job.reconcile()
    row = await owner.fetchrow(
        "select event_type, actor_kind, user_id from payment_audit_logs where company_id = $1 order by id desc",
        company,
    )
    assert tuple(row) == ("PAYMENT_CANCELLED", ActorKind.SYSTEM, None)


@pytest.mark.parametrize("status", [RefundStatus.SUCCEEDED, RefundStatus.FAILED])
async def test_a_refund_is_logged_when_it_is_requested_and_answered(
    payer: Payer, payments: PaymentService, owner: Any, company: UUID, status: RefundStatus
) -> None:
    payment = await payer.pay()
    refund = await payer.database.run(
        lambda tx: payments.refunds.create(tx, payer.actor, payment.id, Decimal(5)), payer.actor
    )
    is_refused = status is RefundStatus.FAILED
    decline = Decline(DeclineReason.PROVIDER_ERROR, "no_funds", "Not enough.") if is_refused else None
    answer = ProviderRefund(status, None if is_refused else "re_1", decline)
    for _ in range(2):
        await payer.database.run(lambda tx: payments.refunds.record(tx, refund.id, answer), payer.actor)
    error = "PROVIDER_ERROR (no_funds)" if is_refused else None
    assert (await entries(owner, company))[2:] == [
        ("REFUND_REQUESTED", Decimal(5), True, None),
        (f"REFUND_{status}", Decimal(5), not is_refused, error),
    ]


async def test_a_manual_payment_is_logged_with_who_recorded_it(
    payer: Payer, payments: PaymentService, owner: Any, company: UUID
) -> None:
    staff = Actor(ActorKind.USER, company, new_id())
    await payer.database.run(
        lambda tx: payments.manual_payments.record(tx, payer.order, PRICE, "EUR", "INVOICE"), staff
    )
    row = await owner.fetchrow(
        "select event_type, provider, amount, user_id from payment_audit_logs where company_id = $1", company
    )
    assert tuple(row) == ("PAYMENT_RECORDED", MANUAL, PRICE, staff.user_id)


async def test_an_act_that_is_rolled_back_is_not_logged(payer: Payer, owner: Any, company: UUID) -> None:
    async def fail(tx: Tx) -> None:
        log.record(tx, PaymentAuditEvent.WEBHOOK_REPLAYED, log.Subject(provider="MOCK", details="evt_1"))
        raise PaymentNotFound

    with pytest.raises(PaymentNotFound):
        await payer.database.run(fail, payer.actor)
    assert await entries(owner, company) == []


async def test_an_entry_adds_no_statement_to_a_transaction_with_events(
    payer: Payer, provider: MockPayments, clock: FixedClock
) -> None:
    payments = payment_service(Providers(provider), clock)
    payer.payments = payments
    with counting() as counts:
        payment = await payer.begin()
    assert counts.data == 2  # the settings, and the payment with its entry
    result = ProviderPayment(ProviderStatus.SUCCEEDED, provider_id="tx_1")
    with counting() as counts:
        await payer.record(payment, result)
    assert counts.data == 2  # the status, and the event with the entry


@pytest.mark.parametrize(
    "change", ["update payment_audit_logs set success = false", "delete from payment_audit_logs"]
)
async def test_the_gateway_cannot_change_or_delete_entries(database: Database, actor: Actor, change: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.run(lambda tx: tx.execute(change), actor)


async def test_another_company_sees_nothing_of_the_log(payer: Payer, other_company: UUID) -> None:
    await payer.pay()
    count = "select count(*) from payment_audit_logs"
    assert await payer.database.reader(payer.actor.company_id).fetch_value(count) == 2
    assert await payer.database.reader(other_company).fetch_value(count) == 0
