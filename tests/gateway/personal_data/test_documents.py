"""Invoices are kept with their buyer when the order is anonymized, and what staff wrote about it is not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.order.discounts.manual_discounts import NewDiscount
from tests.domains.order.invoices.invoicing_shop import Billing
from tests.domains.order.storefront import Storefront
from tests.gateway import people
from tests.gateway.people import personal_data
from tests.gateway.site import services_of


@pytest.fixture
async def billing(database: Database, clock: FixedClock, company: Any, owner: Any) -> AsyncIterator[Billing]:
    shop = Storefront(services_of(clock, database), database, clock, company, owner)
    yield await Billing.opened(shop)
    assert await shop.broken() == []


async def test_documents_name_an_erased_buyer_until_the_years_are_over(billing: Billing) -> None:
    shop = billing.shop
    subject = await people.register(shop)
    order = await people.delivered_order(shop, subject)
    await billing.work()
    await personal_data(shop).erase(subject.email)
    assert await people.tables_with(shop.owner, subject.traces) == {"invoices"}
    await billing.refund(await shop.order(order.id), "1")
    await billing.work()
    invoice, note = await billing.documents(order)
    assert note.document["buyer"] == invoice.document["buyer"]
    assert invoice.document["buyer"]["name"] == subject.home.full_name
    assert note.erase_at == invoice.erase_at is not None
    shop.clock.advance(timedelta(days=11 * 366))
    assert await shop.run(shop.services.order.invoices.retention.erase_due) == 2
    assert await people.tables_with(shop.owner, subject.traces) == set()
    assert [each.document["buyer"] for each in await billing.documents(order)] == [{"country": "GB"}] * 2


async def test_why_staff_gave_a_discount_is_exported_and_erased(billing: Billing) -> None:
    shop = billing.shop
    subject = await people.register(shop)
    await shop.fill(subject.actor, ("A", 1))
    placed = await shop.place(subject.actor, shipping=subject.home)
    new = NewDiscount(reason=f"For dear {subject.word}", amount=Decimal(1))
    await shop.run(
        lambda tx: shop.services.order.discounts.add(tx, billing.clerk, placed.order.id, new), billing.clerk
    )
    await people.deliver(shop, await shop.pay(subject.actor, await shop.order(placed.order.id)))
    assert f"For dear {subject.word}" in str(await personal_data(shop).export(subject.email))
    await personal_data(shop).erase(subject.email)
    assert await people.tables_with(shop.owner, subject.traces) == set()
    kept = await shop.owner.fetch("select name, amount from order_adjustments where order_id = $1", placed.order.id)
    assert [tuple(row) for row in kept] == [("Erased", Decimal(1))]
