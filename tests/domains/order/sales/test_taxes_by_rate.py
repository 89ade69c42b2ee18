"""Orders of goods of several rates: their rows of taxes, the ledger, refunds of shipping, and statements."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.kernel.monitoring.statement_counts import counting
from domains.order.models import Order
from domains.order.payments.refund_lines import NewRefund
from domains.payment.errors import RefundTooLarge
from domains.tax.models import ShippingTaxMethod
from gateway.graphql.company.settings import update_settings
from tests.domains.order.sales.ledger_entries import balances_of, rows_of
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.zones import flat_rate

D = Decimal
FULL, REDUCED = D("0.19"), D("0.07")
TERMS: dict[str, Any] = {
    "tax_rate": FULL,
    "shipping_tax_method": ShippingTaxMethod.PROPORTIONAL,
}
TAXES = """
select i.sku, t.part, t.name, t.rate, t.taxable, t.amount from order_taxes t
left join order_items i on i.id = t.order_item_id where t.order_id = $1 order by i.sku, t.part, t.name
"""
REFUNDED = """
select l.kind::text, l.tax_rate, l.amount, l.tax from refund_lines l join refunds r on r.id = l.refund_id
where l.order_id = $1 and r.status = 'SUCCEEDED' order by l.id
"""


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    """A customer of a shop with goods of 19 % and 7 %, and shipping that is split like them."""
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, TERMS))
    await shop.run(lambda tx: flat_rate(shop.services.shipping, tx, "5.00"))
    await shop.stock("A", 9, "11.90")
    await shop.stock("B", 9, "10.70", tax_class_id=await shop.tax_class("REDUCED", REDUCED))
    return await shop.customer()


@pytest.fixture
async def paid(shop: Storefront, ada: Actor) -> Order:
    """One of each."""
    return await shop.pay(ada, await shop.buy(ada, ("A", 1), ("B", 1)))


async def refund(shop: Storefront, order: Order, **given: Any) -> None:
    clerk = await shop.staff()
    await shop.services.order.refunds.refund(shop.database, clerk, order.id, NewRefund(**given))


async def test_lines_and_parts_of_shipping_are_stored_and_posted_by_their_rates(
    shop: Storefront, paid: Order
) -> None:
    assert (paid.total, paid.tax_amount, paid.shipping_cost) == (D("27.60"), D("3.18"), D("5.00"))
    assert [tuple(row) for row in await shop.owner.fetch(TAXES, paid.id)] == [
        ("A", 0, "Tax", FULL, D("10.00"), D("1.90")),
        ("B", 0, "VAT", REDUCED, D("10.00"), D("0.70")),
        (None, 0, "Tax", FULL, D("2.21"), D("0.42")),
        (None, 1, "VAT", REDUCED, D("2.21"), D("0.16")),
    ]
    sale = [row for row in await rows_of(shop, paid) if row["kind"] == "SALE"]
    assert [(row["account"], row["tax_rate"], row["amount"]) for row in sale] == [
        ("1100", None, D("27.60")),
        ("2000", FULL, D("-2.32")),
        ("2000", REDUCED, D("-0.86")),
        ("4000", FULL, D("-10.00")),
        ("4000", REDUCED, D("-10.00")),
        ("4100", FULL, D("-2.21")),
        ("4100", REDUCED, D("-2.21")),
    ]


async def test_refunds_of_shipping_have_a_line_for_each_rate_and_the_last_takes_the_remainder(
    shop: Storefront, paid: Order
) -> None:
    await refund(shop, paid, shipping_amount=D("2.00"))
    await refund(shop, paid, shipping=True)
    assert [tuple(row) for row in await shop.owner.fetch(REFUNDED, paid.id)] == [
        ("SHIPPING", FULL, D("1.05"), D("0.17")),
        ("SHIPPING", REDUCED, D("0.95"), D("0.06")),
        ("SHIPPING", FULL, D("1.58"), D("0.25")),
        ("SHIPPING", REDUCED, D("1.42"), D("0.10")),
    ]
    with pytest.raises(RefundTooLarge):
        await refund(shop, paid, shipping_amount=D("0.01"))
    assert await shop.broken() == []
    await refund(shop, paid)
    assert (await shop.order(paid.id)).amount_refunded == paid.total
    assert await balances_of(shop, paid) == {}
    assert await shop.broken() == []


async def test_parallel_refunds_of_shipping_give_it_back_once(shop: Storefront, paid: Order) -> None:
    given: list[dict[str, Any]] = [{"shipping": True}, {"shipping_amount": D("3.00")}, {"shipping": True}] * 2
    outcomes = await asyncio.gather(*(refund(shop, paid, **each) for each in given), return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, DomainError) for outcome in outcomes)
    sums: dict[Decimal, list[Decimal]] = {FULL: [D(0), D(0)], REDUCED: [D(0), D(0)]}
    for _, rate, amount, tax in await shop.owner.fetch(REFUNDED, paid.id):
        sums[rate] = [sums[rate][0] + amount, sums[rate][1] + tax]
    assert sums == {FULL: [D("2.63"), D("0.42")], REDUCED: [D("2.37"), D("0.16")]}
    assert await shop.broken() == []


async def test_a_change_of_rates_reaches_neither_an_order_nor_its_refunds(shop: Storefront, paid: Order) -> None:
    before = await shop.owner.fetch(TAXES, paid.id)
    rates = shop.services.tax.rates
    rate_id = await shop.owner.fetchval("select id from tax_rates where company_id = $1", shop.company_id)
    await shop.run(lambda tx: rates.update(tx, rate_id, {"rate": D("0.1")}))
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, {"tax_rate": D("0.25")}))
    await refund(shop, paid)
    assert await shop.owner.fetch(TAXES, paid.id) == before
    assert {row["tax_rate"] for row in await shop.owner.fetch(REFUNDED, paid.id)} == {FULL, REDUCED}
    assert await balances_of(shop, paid) == {}


async def test_two_taxes_of_one_amount_have_a_row_each_and_one_rate_in_the_ledger(
    shop: Storefront, ada: Actor
) -> None:
    class_id = await shop.tax_class("QUEBEC", D("0.05"), name="GST")
    qst: Any = {"tax_class_id": class_id, "name": "QST", "country": "GB", "rate": D("0.09975")}
    await shop.run(lambda tx: shop.services.tax.rates.create(tx, qst))
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, {"prices_include_tax": False}))
    await shop.stock("C", 9, "100.00", tax_class_id=class_id)
    order = await shop.pay(ada, await shop.buy(ada, ("C", 1)))
    assert [tuple(row) for row in await shop.owner.fetch(TAXES, order.id)] == [
        ("C", 0, "GST", D("0.05"), D("100.00"), D("5.00")),
        ("C", 0, "QST", D("0.09975"), D("100.00"), D("9.98")),
        (None, 0, "GST", D("0.05"), D("5.00"), D("0.25")),
        (None, 0, "QST", D("0.09975"), D("5.00"), D("0.50")),
    ]
    rates = {row["tax_rate"] for row in await rows_of(shop, order) if row["account"] == "2000"}
    assert rates == {D("0.14975")}
    await refund(shop, order)
    assert await balances_of(shop, order) == {}


async def test_taxes_of_two_rates_cost_an_order_no_statement(shop: Storefront, ada: Actor) -> None:
    counts: list[int] = []
    for skus in (("A",), ("A",), ("A", "B")):  # the first order also reads what is remembered
        await shop.fill(ada, *((sku, 1) for sku in skus))
        with counting() as count:
            await shop.place(ada)
        counts.append(count.data)
    assert counts[1] == counts[2] <= 16
