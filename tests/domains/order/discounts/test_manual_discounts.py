"""Manual discounts of orders: exact amounts, taxes and totals, and never beside a payment."""

import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError, InvalidInput, OutOfRange, TooManyDecimals
from domains.kernel.ids import new_id
from domains.kernel.text.validation import Required
from domains.order.discounts.manual_discounts import NewDiscount
from domains.order.errors import (
    DiscountNotFound,
    OrderExpired,
    OrderItemNotFound,
    OrderNotDiscountable,
    PriceChanged,
)
from domains.order.models import Order, OrderStatus
from tests.domains.order.storefront import Storefront
from tests.race_runs import repeated

AMOUNTS = """
select sku, discount_amount, tax_amount, total_price from order_items where order_id = $1 order by sku
"""


async def discount(shop: Storefront, staff: Actor, order: Order, **given: Any) -> Order:
    new = NewDiscount(**{"reason": "Sorry", **given})
    changed: Order = await shop.run(lambda tx: shop.services.order.discounts.add(tx, staff, order.id, new), staff)
    return changed


async def take_back(shop: Storefront, staff: Actor, order: Order, discount_id: UUID | None) -> Order:
    removed: Order = await shop.run(
        lambda tx: shop.services.order.discounts.remove(tx, staff, order.id, discount_id or new_id()), staff
    )
    return removed


async def lines(shop: Storefront, order: Order) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await shop.owner.fetch(AMOUNTS, order.id)]


async def bought(shop: Storefront) -> tuple[Actor, Actor, Order]:
    """A customer's order of two lines at 10.00 and one at 20.01, with 20 % tax within the second."""
    food = await shop.tax_class("food", Decimal("0.2"))
    await shop.stock("A", 90)
    await shop.stock("B", 90, "20.01", tax_class_id=food)
    ada = await shop.customer()
    return ada, await shop.staff(), await shop.buy(ada, ("A", 2), ("B", 1))


async def test_a_percentage_is_shared_among_the_lines_with_their_taxes(shop: Storefront) -> None:
    _, staff, order = await bought(shop)
    before = await lines(shop, order)
    changed = await discount(shop, staff, order, percentage=Decimal(10), expected_total=order.total)
    found = await lines(shop, order)
    assert [row[1] for row in found] == [Decimal(2), Decimal(2)]
    assert [row[3] for row in found] == [before[0][3] - 2, before[1][3] - 2]
    assert (changed.discount_amount, changed.total) == (Decimal(4), order.total - 4)
    assert changed.tax_amount == sum(row[2] for row in found) + order.tax_amount - sum(row[2] for row in before)
    rows = await shop.services.order.adjustments_of(shop.database.reader(shop.company_id), [order.id])
    assert [(row.source_type, row.name, row.description, row.amount, row.created_by) for row in rows] == [
        ("MANUAL", "Sorry", "10 % off", Decimal(2), staff.user_id)
    ] * 2
    assert (await shop.history(order.id))[-1] == ("PENDING", "Discount of 4.00 EUR: Sorry")
    assert await shop.broken() == []
    restored = await take_back(shop, staff, order, rows[0].source_id)
    assert await lines(shop, order) == before
    assert (restored.discount_amount, restored.tax_amount) == (Decimal(0), order.tax_amount)
    assert restored.total == order.total
    assert (await shop.history(order.id))[-1] == ("PENDING", "Discount of 4.00 EUR removed: Sorry")
    assert await shop.services.order.adjustments_of(shop.database.reader(shop.company_id), [order.id]) == []
    assert await shop.broken() == []


async def test_an_amount_is_taken_off_one_line(shop: Storefront) -> None:
    ada, staff, order = await bought(shop)
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    second = next(item for item in items if item.sku == "B")
    changed = await discount(shop, staff, order, amount=Decimal("8.01"), order_item_id=second.id)
    assert [(row[1], row[3]) for row in await lines(shop, order)] == [(0, 20), (Decimal("8.01"), 12)]
    assert (await lines(shop, order))[1][2] == 2  # 20 % within 12.00
    paid = await shop.pay(ada, changed)
    assert (paid.status, paid.amount_captured) == (OrderStatus.PAID, order.total - Decimal("8.01"))
    assert await shop.broken() == []
    assert await shop.broken_ledger() == []


async def test_an_order_that_becomes_free_is_accepted(shop: Storefront) -> None:
    _, staff, order = await bought(shop)
    changed = await discount(shop, staff, order, percentage=Decimal(100))
    assert (changed.total, changed.tax_amount) == (Decimal(0), Decimal(0))
    assert (changed.status, changed.expires_at) == (OrderStatus.CONFIRMED, None)
    assert {"order.discount_changed", "order.confirmed"} <= set(await shop.topics())
    assert await shop.broken() == []
    rows = await shop.services.order.adjustments_of(shop.database.reader(shop.company_id), [order.id])
    with pytest.raises(OrderNotDiscountable):
        await take_back(shop, staff, order, rows[0].source_id)


@pytest.mark.parametrize(
    ("given", "kind", "field"),
    [
        ({}, InvalidInput, "amount"),
        ({"percentage": Decimal(5), "amount": Decimal(5)}, InvalidInput, "amount"),
        ({"percentage": Decimal(0)}, OutOfRange, "percentage"),
        ({"percentage": Decimal("100.1")}, OutOfRange, "percentage"),
        ({"percentage": Decimal("0.00001")}, TooManyDecimals, "percentage"),
        ({"percentage": Decimal("0.0001")}, OutOfRange, "percentage"),
        ({"amount": Decimal(0)}, OutOfRange, "amount"),
        ({"amount": Decimal("40.02")}, OutOfRange, "amount"),
        ({"amount": Decimal("0.001")}, TooManyDecimals, "amount"),
        ({"amount": Decimal(1), "order_item_id": UUID(int=1)}, OrderItemNotFound, "order_item_id"),
        ({"amount": Decimal(1), "reason": " "}, Required, "reason"),
        ({"amount": Decimal(1), "expected_total": Decimal(1)}, PriceChanged, "expected_total"),
    ],
)
async def test_a_refused_discount_changes_nothing(
    shop: Storefront, given: dict[str, Any], kind: type[DomainError], field: str
) -> None:
    _, staff, order = await bought(shop)
    before = await lines(shop, order)
    with pytest.raises(kind) as refused:
        await discount(shop, staff, order, **given)
    assert refused.value.field == (field,)
    assert (await lines(shop, order), await shop.order(order.id)) == (before, order)
    with pytest.raises(DiscountNotFound):
        await take_back(shop, staff, order, None)


async def test_only_an_unpaid_order_in_time_is_discounted(shop: Storefront) -> None:
    ada, staff, order = await bought(shop)
    paid = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    with pytest.raises(OrderNotDiscountable):
        await discount(shop, staff, paid, amount=Decimal(1))
    assert order.expires_at is not None
    shop.clock.advance(order.expires_at - shop.clock.now())
    with pytest.raises(OrderExpired):
        await discount(shop, staff, order, amount=Decimal(1))


@repeated
async def test_a_payment_has_the_old_total_or_the_new_one(shop: Storefront, run: int) -> None:
    ada, staff, order = await bought(shop)
    orders = [order, *[await shop.buy(ada, ("A", 2), ("B", 1)) for _ in range(5)]]
    outcomes: Counter[str] = Counter()
    for each in orders:
        paid, changed = await asyncio.gather(
            shop.pay(ada, each), discount(shop, staff, each, amount=Decimal(5)), return_exceptions=True
        )
        assert isinstance(paid, Order)
        outcomes[type(changed).__name__] += 1
        expected = each.total - (5 if isinstance(changed, Order) else 0)
        assert (paid.status, paid.amount_captured, paid.total) == (OrderStatus.PAID, expected, expected)
    assert set(outcomes) <= {"OrderRow", "OrderNotDiscountable"}
    assert await shop.broken() == []
    assert await shop.broken_ledger() == []


@repeated
async def test_discounts_and_the_expiry_at_once_keep_the_totals_of_the_order(shop: Storefront, run: int) -> None:
    _, staff, order = await bought(shop)
    assert order.expires_at is not None
    shop.clock.advance(order.expires_at - shop.clock.now() - timedelta(microseconds=1))
    giving = [asyncio.create_task(discount(shop, staff, order, amount=Decimal(1))) for _ in range(4)]

    async def expire() -> None:
        await asyncio.wait(giving, return_when=asyncio.FIRST_COMPLETED)
        shop.clock.advance(timedelta(seconds=1))
        while await shop.services.order.expiry.end_unpaid(shop.database, shop.system):
            pass

    *given, ended = await asyncio.gather(*giving, expire(), return_exceptions=True)
    assert ended is None
    while await shop.services.order.expiry.end_unpaid(shop.database, shop.system):
        pass  # an order that is being changed is left for the next run
    done = sum(isinstance(each, Order) for each in given)
    refusals = {type(each).__name__ for each in given} - {"OrderRow"}
    assert refusals <= {"OrderExpired", "OrderNotDiscountable"}
    after = await shop.order(order.id)
    assert (after.status, after.total) == (OrderStatus.FAILED, order.total - done)
    assert await shop.level("A") == (90, 0)
    assert await shop.broken() == []


@repeated
async def test_discounts_and_a_cancellation_at_once_lose_none(shop: Storefront, run: int) -> None:
    ada, staff, order = await bought(shop)
    giving = [discount(shop, staff, order, amount=Decimal(1)) for _ in range(4)]
    cancelling = shop.services.order.cancel_order(shop.database, ada, order.id)
    *given, cancelled = await asyncio.gather(*giving, cancelling, return_exceptions=True)
    assert isinstance(cancelled, Order)
    done = sum(isinstance(each, Order) for each in given)
    after = await shop.order(order.id)
    assert (after.status, after.total) == (OrderStatus.CANCELLED, order.total - done)
    assert await shop.broken() == []
