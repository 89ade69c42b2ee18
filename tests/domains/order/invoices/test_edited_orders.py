"""Invoices of orders that are edited after them: each says what the order is, and no refund is credited twice."""

import asyncio
from decimal import Decimal

import pytest

from domains.order.invoices.models import Invoice, InvoiceKind
from domains.order.models import AddressFields, Order
from domains.order.payments.refund_lines import NewRefund
from domains.payment.models import RefundDestination
from tests.domains.order.editing.editor import Editor
from tests.domains.order.invoices.invoicing_shop import Billing
from tests.domains.order.invoices.test_invoices import adds_up, balance

BONN = AddressFields(full_name="Ada", address_line_1="1", city="Bonn", postal_code="53111", country="DE")


@pytest.fixture
async def editor(billing: Billing) -> Editor:
    """The clerk, who edits orders. E costs what A does."""
    await billing.shop.stock("E", 50)
    return Editor(billing.shop, billing.clerk)


async def invoiced(billing: Billing, units: int = 3) -> Order:
    order = await billing.paid(units)
    await billing.issue(order)
    return order


def kinds(documents: list[Invoice]) -> list[str]:
    return [document.kind.value for document in documents]


async def settled(billing: Billing, order: Order) -> list[Invoice]:
    """The documents when nothing is due any more; each of them adds up."""
    while await billing.work():
        pass
    documents = await billing.documents(order)
    for document in documents:
        adds_up(document)
    return documents


async def test_an_edit_that_keeps_the_total_replaces_the_invoice_once(billing: Billing, editor: Editor) -> None:
    order = await invoiced(billing)
    edited = (await editor.edit(order, editor.line("E"), A=2)).order
    assert edited.total == order.total
    first, reversal, second = await settled(billing, order)
    assert kinds([first, reversal, second]) == ["INVOICE", "CREDIT_NOTE", "INVOICE"]
    assert (reversal.corrected_id, reversal.total, reversal.refund_id) == (first.id, first.total, None)
    assert {line["sku"]: line["quantity"] for line in second.document["lines"]} == {"A": 2, "E": 1}
    assert not (await billing.shop.order(order.id)).is_invoice_outdated
    assert await balance(billing, order) == order.total


async def test_a_new_address_is_on_a_new_invoice(billing: Billing, editor: Editor) -> None:
    order = await invoiced(billing)
    await editor.edit(order, to=BONN)
    _, _, second = await settled(billing, order)
    assert (second.document["delivery"] or second.document["buyer"])["city"] == "Bonn"


async def test_an_edit_that_changes_nothing_leaves_the_invoice(billing: Billing, editor: Editor) -> None:
    order = await invoiced(billing)
    await editor.edit(order, A=3)
    assert kinds(await settled(billing, order)) == ["INVOICE"]


async def test_an_order_without_an_invoice_gets_one_of_what_it_is(billing: Billing, editor: Editor) -> None:
    order = await billing.paid(3)
    await editor.edit(order, editor.line("E"), A=2)
    invoice = await billing.issue(order)
    assert kinds(await settled(billing, order)) == ["INVOICE"]
    assert {line["sku"] for line in invoice.document["lines"]} == {"A", "E"}


@pytest.mark.parametrize("is_at_once", [True, False])
async def test_the_refund_of_an_overpayment_gets_no_credit_note(
    billing: Billing, editor: Editor, is_at_once: bool
) -> None:
    order = await invoiced(billing)
    await editor.edit(order, A=1, refund=is_at_once)
    if not is_at_once:
        await settled(billing, order)
        await billing.refund(order, overpayment=True)
    documents = await settled(billing, order)
    assert kinds(documents) == ["INVOICE", "CREDIT_NOTE", "INVOICE"]
    assert [document.refund_id for document in documents] == [None] * 3
    assert await balance(billing, order) == Decimal("10.00")
    after = await billing.shop.order(order.id)
    assert (after.amount_refunded, after.amount_repaid) == (Decimal("20.00"), Decimal("20.00"))


async def test_a_refund_of_an_overpayment_and_more_is_credited_for_the_rest(billing: Billing, editor: Editor) -> None:
    order = await invoiced(billing)
    await editor.edit(order, A=1, refund=False)
    await settled(billing, order)
    await billing.refund(order, "23.00")
    *_, second, note = await settled(billing, order)
    assert (note.corrected_id, note.total) == (second.id, Decimal("3.00"))
    assert await balance(billing, order) == Decimal("7.00")


async def test_a_refund_to_store_credit_gets_a_credit_note(billing: Billing, editor: Editor) -> None:
    order = await invoiced(billing)
    await editor.edit(order, A=2)
    await billing.refund(order, "4.00", destination=RefundDestination.STORE_CREDIT)
    *_, note = await settled(billing, order)
    assert (note.kind, note.total) == (InvoiceKind.CREDIT_NOTE, Decimal("4.00"))
    assert note.refund_id is not None
    assert await balance(billing, order) == Decimal("16.00")


async def test_everything_is_refunded_after_an_edit(billing: Billing, editor: Editor) -> None:
    order = await invoiced(billing)
    await editor.edit(order, A=1)
    refunds = billing.shop.services.order.refunds
    await refunds.refund(billing.shop.database, billing.clerk, order.id, NewRefund())
    await settled(billing, order)
    assert await balance(billing, order) == 0


async def test_edits_and_jobs_at_once_leave_one_valid_invoice_of_the_order(billing: Billing, editor: Editor) -> None:
    order = await invoiced(billing)
    await asyncio.gather(editor.edit(order, editor.line("E"), A=2), billing.work(), billing.work())
    documents = await settled(billing, order)
    assert {line["sku"] for line in documents[-1].document["lines"]} == {"A", "E"}
    assert await balance(billing, order) == order.total
