"""Invoices and credit notes: when they are due, what they add up to, and that their numbers have no gaps."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel import fail_points
from domains.kernel.fail_points import FailPointReached
from domains.order.invoices import errors
from domains.order.invoices.content import without_buyer
from domains.order.invoices.models import Content, Invoice, InvoiceKind
from domains.order.models import Order
from tests.domains.order.invoices.invoicing_shop import Billing


def numbers(documents: list[Invoice]) -> list[str]:
    return [document.number for document in documents]


def adds_up(invoice: Invoice) -> None:
    """The lines are the total, and the taxes are the tax."""
    content: Content = invoice.document
    assert Decimal(content["total"]) == invoice.total == sum(Decimal(line["total"]) for line in content["lines"])
    assert Decimal(content["tax"]) == invoice.tax == sum(Decimal(tax["tax"]) for tax in content["taxes"])
    assert Decimal(content["net"]) == invoice.total - invoice.tax


async def balance(billing: Billing, order: Order) -> Decimal:
    """What the documents of an order leave: its invoices less its credit notes."""
    found = await billing.documents(order)
    return sum((each.total if each.kind is InvoiceKind.INVOICE else -each.total for each in found), Decimal(0))


async def test_a_shipped_order_gets_one_invoice_of_its_total(billing: Billing) -> None:
    order = await billing.shipped(3)
    assert (await billing.work(), await billing.work()) == (1, 0)
    (invoice,) = await billing.documents(order)
    assert (invoice.kind, invoice.sequence, invoice.number) == (InvoiceKind.INVOICE, 1, "INV-000001")
    assert (invoice.total, invoice.tax, invoice.language) == (order.total, order.tax_amount, "en")
    adds_up(invoice)
    content: Content = invoice.document
    assert content["seller"]["name"] == "Łódź Trading s.r.o."
    assert [(line["sku"], line["quantity"], line["unit_price"]) for line in content["lines"]] == [("A", 3, "10")]
    assert content["payments"] == [{"method": "CARD", "amount": f"{order.total.normalize():f}"}]
    assert "order.invoice_issued" in await billing.shop.topics()


async def test_an_order_that_is_not_shipped_gets_its_invoice_on_request(billing: Billing) -> None:
    order = await billing.paid()
    assert await billing.work() == 0
    invoice = await billing.issue(order)
    assert (invoice.total, invoice.number) == (order.total, "INV-000001")
    with pytest.raises(errors.OrderInvoiced):
        await billing.issue(order)
    assert await billing.work() == 0
    assert len(await billing.documents(order)) == 1


async def test_no_invoice_without_a_seller_or_of_an_order_that_has_ended(billing: Billing) -> None:
    order = await billing.paid()
    await billing.set(city=None)
    with pytest.raises(errors.SellerIncomplete):
        await billing.issue(order)
    await billing.set(city="Berlin")
    await billing.refund(order)
    with pytest.raises(errors.OrderNotInvoiceable):
        await billing.issue(order)
    assert await billing.shop.count("invoices") == 0


async def test_orders_shipped_before_the_time_in_the_settings_are_left_alone(billing: Billing) -> None:
    await billing.shipped()
    await billing.set(invoices_from=billing.shop.clock.now() + timedelta(hours=1))
    assert await billing.work() == 0
    await billing.set(invoices_from=None)
    assert await billing.work() == 0


async def test_each_refund_gets_one_credit_note_of_its_amount(billing: Billing) -> None:
    order = await billing.shipped(3)
    await billing.work()
    await billing.refund(order, "4.50")
    assert (await billing.work(), await billing.work()) == (1, 0)
    await billing.refund(order)
    assert (await billing.work(), await billing.work()) == (1, 0)
    invoice, *notes = await billing.documents(order)
    assert numbers(notes) == ["CN-000001", "CN-000002"]
    assert [note.total for note in notes] == [Decimal("4.50"), order.total - Decimal("4.50")]
    assert {note.corrected_id for note in notes} == {invoice.id}
    assert len({note.refund_id for note in notes}) == 2
    for note in notes:
        adds_up(note)
        assert note.document["corrects"]["number"] == invoice.number
    assert await balance(billing, order) == 0


async def test_a_refund_before_the_invoice_is_credited_after_it(billing: Billing) -> None:
    order = await billing.paid(3)
    await billing.refund(order, "5.00")
    await billing.issue(order)
    assert await billing.work() == 1
    assert [document.total for document in await billing.documents(order)] == [order.total, Decimal(5)]


async def test_a_cancelled_order_has_its_invoice_taken_back(billing: Billing) -> None:
    order = await billing.paid()
    await billing.issue(order)
    await billing.shop.services.order.cancel_order(billing.shop.database, billing.clerk, order.id)
    assert (await billing.work(), await billing.work()) == (1, 0)
    invoice, note = await billing.documents(order)
    assert (note.total, note.tax, note.refund_id) == (invoice.total, invoice.tax, None)
    adds_up(note)
    assert (await billing.shop.order(order.id)).invoiced_total is None


async def test_an_edited_order_has_its_invoice_replaced_after_partial_credits_too(billing: Billing) -> None:
    order = await billing.paid(4)
    await billing.issue(order)
    await billing.refund(order, "3.00")
    await billing.work()
    await changed_total(billing, order, Decimal(-10))
    assert (await billing.work(), await billing.work()) == (2, 0)
    first, credit, reversal, second, again = await billing.documents(order)
    assert numbers([first, second]) == ["INV-000001", "INV-000002"]
    assert reversal.total == first.total - credit.total
    adds_up(reversal)
    assert second.total == order.total - 10
    assert (again.corrected_id, again.refund_id, again.total) == (second.id, credit.refund_id, Decimal(3))
    assert await balance(billing, order) == order.total - 10 - 3
    await changed_total(billing, order, Decimal(10))  # as before, for the invariants of the shop
    await billing.work()
    assert await balance(billing, order) == order.total - 3


async def changed_total(billing: Billing, order: Order, difference: Decimal) -> None:
    """Change the total of an order as an edit does."""
    await billing.shop.owner.execute("update orders set total = total + $2 where id = $1", order.id, difference)


# ---- numbers


async def test_a_failure_after_the_number_was_taken_leaves_no_gap(billing: Billing) -> None:
    orders = [await billing.shipped(1) for _ in range(3)]
    fail_points.arm(["command.before_commit:raise:2"])
    try:
        with pytest.raises(ExceptionGroup) as raised:
            await billing.work()
    finally:
        fail_points.arm([])
    assert isinstance(raised.value.exceptions[0], FailPointReached)
    assert await billing.work() == 1
    assert sorted(numbers(await billing.documents(*orders))) == ["INV-000001", "INV-000002", "INV-000003"]
    assert (
        await billing.shop.owner.fetchval(
            "select last_sequence from invoice_counters where company_id = $1", billing.shop.company_id
        )
        == 3
    )


async def test_two_jobs_and_requests_at_once_leave_no_gap_and_invoice_no_order_twice(billing: Billing) -> None:
    shipped = [await billing.shipped(1) for _ in range(6)]
    paid = [await billing.paid(1) for _ in range(3)]
    results: list[Any] = await asyncio.gather(
        *(billing.work() for _ in range(3)), *(billing.issue(order) for order in paid), return_exceptions=True
    )
    assert [each for each in results if isinstance(each, BaseException)] == []
    while await billing.work():
        pass
    found = await billing.documents(*shipped, *paid)
    assert sorted(document.sequence for document in found) == list(range(1, 10))
    assert len({document.order_id for document in found}) == 9


async def test_a_pattern_that_repeats_a_number_is_refused_and_nothing_is_lost(billing: Billing) -> None:
    await billing.set(invoice_pattern="1{number}")
    for _ in range(2):
        await billing.issue(await billing.paid(1))  # 11, 12
    await billing.shop.owner.execute(
        "update invoices set number = 'X13' where company_id = $1 and sequence = 1", billing.shop.company_id
    )
    await billing.set(invoice_pattern="X1{number}")
    with pytest.raises(errors.InvoiceNumberTaken):
        await billing.issue(await billing.paid(1))
    await billing.set(invoice_pattern="B{number}")
    assert (await billing.issue(await billing.paid(1))).number == "B3"


# ---- erasure


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        (None, None),
        ({}, {"country": None}),
        ({"vat_number": "GB980780684"}, {"country": None}),
        ({"name": "Ada", "country": "GB"}, {"country": "GB"}),
    ],
)
def test_of_a_place_the_country_is_kept_if_it_is_known(place: Any, kept: Any) -> None:
    assert without_buyer({"buyer": place, "delivery": place, "number": "1"}) == {
        "buyer": kept,
        "delivery": kept,
        "number": "1",
    }


async def test_the_buyer_of_an_erased_account_is_erased_when_the_years_are_over(billing: Billing) -> None:
    await billing.set(retention_years=1)
    order = await billing.shipped()
    await billing.work()
    retention = billing.shop.services.order.invoices.retention
    await billing.shop.run(lambda tx: retention.schedule(tx, [order.id]))
    assert await billing.shop.run(retention.erase_due) == 0
    billing.shop.clock.advance(timedelta(days=3 * 366))
    assert await billing.shop.run(retention.erase_due) == 1
    assert await billing.shop.run(retention.erase_due) == 0
    (invoice,) = await billing.documents(order)
    assert invoice.document["buyer"] == {"country": "GB"}
    adds_up(invoice)
