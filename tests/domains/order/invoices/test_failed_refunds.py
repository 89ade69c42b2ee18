"""Refunds that fail after their credit note: it is taken back, and another refund is credited once."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from domains.order.models import Order
from domains.payment.models import TransactionStatus, TransactionType
from domains.payment.providers.results import ProviderTransaction
from tests.domains.order.invoices.invoicing_shop import Billing
from tests.domains.order.invoices.test_edited_orders import kinds, settled
from tests.domains.order.invoices.test_invoices import balance, numbers
from tests.domains.order.payments.provider_answers import look_up, tell, transaction
from tests.race_runs import repeated

FAILED, SUCCEEDED = TransactionStatus.FAILED, TransactionStatus.SUCCEEDED


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[ProviderTransaction]:
    """The transactions that the provider tells of the payment."""
    return tell(monkeypatch)


def refund(billing: Billing, name: str, amount: str) -> ProviderTransaction:
    return transaction(billing.shop, TransactionType.REFUND, SUCCEEDED, Decimal(amount), name)


async def told(billing: Billing, order: Order) -> None:
    """Record what the provider tells of the order's payment."""
    await look_up(billing.shop, await billing.shop.payment_of(order))


async def credited(billing: Billing, answers: list[ProviderTransaction], amount: str) -> Order:
    """A shipped order of 30.00 EUR with an invoice, and a refund with a credit note."""
    order = await billing.shipped(3)
    await billing.work()
    answers.append(refund(billing, "first", amount))
    await told(billing, order)
    assert kinds(await settled(billing, order)) == ["INVOICE", "CREDIT_NOTE"]
    return order


async def test_a_credit_note_of_a_refund_that_failed_is_taken_back_and_a_second_refund_is_credited_once(
    billing: Billing, answers: list[ProviderTransaction]
) -> None:
    order = await credited(billing, answers, "5")
    answers[0] = replace(answers[0], status=FAILED)
    await told(billing, order)
    first, note, reversal, second = await settled(billing, order)
    assert numbers([first, note, reversal, second]) == ["INV-000001", "CN-000001", "CN-000002", "INV-000002"]
    assert (reversal.corrected_id, reversal.refund_id, reversal.total) == (first.id, None, Decimal(25))
    assert (second.total, await balance(billing, order)) == (order.total, order.total)
    answers.append(refund(billing, "second", "5"))
    await told(billing, order)
    *_, again = await settled(billing, order)
    assert (again.corrected_id, again.total, again.number) == (second.id, Decimal(5), "CN-000003")
    assert await balance(billing, order) == Decimal(25)


async def test_a_refund_that_takes_the_place_of_a_failed_one_has_the_only_valid_credit_note(
    billing: Billing, answers: list[ProviderTransaction]
) -> None:
    """The refunded amount of the order is the same as before."""
    order = await credited(billing, answers, "5")
    answers[:] = [replace(answers[0], status=FAILED), refund(billing, "second", "5")]
    await told(billing, order)
    first, note, _, second, again = await settled(billing, order)
    assert [each.corrected_id for each in (note, again)] == [first.id, second.id]
    assert again.refund_id not in {None, note.refund_id}
    assert await balance(billing, order) == Decimal(25)


async def test_other_credit_notes_are_issued_again_for_the_new_invoice(
    billing: Billing, answers: list[ProviderTransaction]
) -> None:
    order = await credited(billing, answers, "5")
    answers.append(refund(billing, "second", "3"))
    await told(billing, order)
    await settled(billing, order)
    answers[0] = replace(answers[0], status=FAILED)
    await told(billing, order)
    documents = await settled(billing, order)
    assert [(each.kind.value, each.total) for each in documents[3:]] == [
        ("CREDIT_NOTE", Decimal(22)),
        ("INVOICE", Decimal(30)),
        ("CREDIT_NOTE", Decimal(3)),
    ]
    assert await balance(billing, order) == Decimal(27)


async def test_an_order_whose_whole_refund_failed_gets_another_invoice(
    billing: Billing, answers: list[ProviderTransaction]
) -> None:
    order = await credited(billing, answers, "30")
    answers[0] = replace(answers[0], status=FAILED)
    await told(billing, order)
    assert kinds(await settled(billing, order)) == ["INVOICE", "CREDIT_NOTE", "INVOICE"]
    assert await balance(billing, order) == order.total


async def test_a_refund_that_failed_before_its_credit_note_changes_no_document(
    billing: Billing, answers: list[ProviderTransaction]
) -> None:
    order = await billing.shipped(3)
    await billing.work()
    answers.append(refund(billing, "first", "5"))
    await told(billing, order)
    answers[0] = replace(answers[0], status=FAILED)
    await told(billing, order)
    assert kinds(await settled(billing, order)) == ["INVOICE"]


@repeated
async def test_jobs_and_answers_at_once_leave_documents_of_what_is_refunded(
    billing: Billing, answers: list[ProviderTransaction], run: int
) -> None:
    order = await credited(billing, answers, "5")
    answers[:] = [replace(answers[0], status=FAILED), refund(billing, "second", "4")]
    await asyncio.gather(*(told(billing, order) for _ in range(2)), *(billing.work() for _ in range(2)))
    await settled(billing, order)
    assert await balance(billing, order) == Decimal(26)
