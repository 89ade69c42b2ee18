"""Buyers are asked once for reviews of what they keep of a delivered order."""

from datetime import timedelta

import pytest

from domains.catalog.models import ProductChanges
from domains.kernel.monitoring.statement_counts import counting
from domains.notification.delivery import Result
from domains.returns.refunds.models import NewReturnRefund
from tests.domains.notification.marketing.conftest import Marketing
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver, deliver_to_guest

KIND = "REVIEW_REQUEST"
WEEK = timedelta(days=7)
STALE = ("FAILED", "STALE")


async def delivered(marketing: Marketing, *wanted: tuple[str, int]) -> DeliveredOrder:
    """A delivered order whose buyer is to be asked."""
    made = await deliver(marketing.shop, *wanted or [("A", 2), ("B", 1)])
    await marketing.handle("order.completed")
    return made


async def review(marketing: Marketing, of: DeliveredOrder, sku: str) -> None:
    reviews, product = marketing.shop.services.review, marketing.shop.products[sku]
    await marketing.shop.run(lambda tx: reviews.create(tx, of.buyer, product.id, {"rating": 5}), of.buyer)


async def test_a_buyer_is_asked_a_week_after_the_delivery(marketing: Marketing) -> None:
    of = await delivered(marketing)
    marketing.shop.clock.advance(WEEK - timedelta(minutes=1))
    assert await marketing.send() == []
    marketing.shop.clock.advance(timedelta(minutes=1))
    assert await marketing.send() == [Result.SENT]
    (mail,) = marketing.mailbox.mails
    assert of.order.order_number in mail.text
    assert all(f"https://shop.example.com/products/thing-{each}" in mail.text for each in "ab")
    await marketing.handle("order.completed")
    assert len(await marketing.rows(KIND)) == 1


async def test_what_was_reviewed_or_is_hidden_is_not_asked_for(marketing: Marketing) -> None:
    await marketing.shop.stock("C", 5)
    of = await delivered(marketing, ("A", 1), ("B", 1), ("C", 1))
    await review(marketing, of, "A")
    hidden: ProductChanges = {"is_active": False}
    catalog, product = marketing.shop.services.catalog, marketing.shop.products["C"]
    await marketing.shop.run(lambda tx: catalog.update_product(tx, product.id, hidden))
    marketing.shop.clock.advance(WEEK)
    assert await marketing.send() == [Result.SENT]
    (mail,) = marketing.mailbox.mails
    assert [each in mail.text for each in ("Thing A", "Thing B", "Thing C")] == [False, True, False]


async def test_a_buyer_who_has_reviewed_everything_is_not_asked(marketing: Marketing) -> None:
    of = await delivered(marketing)
    for each in "AB":
        await review(marketing, of, each)
    marketing.shop.clock.advance(WEEK)
    assert (await marketing.send(), await marketing.states(KIND)) == ([], [STALE])


@pytest.mark.parametrize(("units", "is_asked"), [((2, 0), True), ((2, 1), False)])
async def test_what_was_returned_is_not_asked_for(
    marketing: Marketing, units: tuple[int, ...], is_asked: bool
) -> None:
    of = await delivered(marketing)
    request = await of.request(*units)
    await of.approve(request)
    await of.receive(request, *(each for each in units if each))
    shop = marketing.shop
    await of.returns.refunds.refund(shop.database, shop.system, request.id, NewReturnRefund())
    marketing.shop.clock.advance(WEEK)
    assert await marketing.send() == ([Result.SENT] if is_asked else [])
    assert all("Thing A" not in mail.text and "Thing B" in mail.text for mail in marketing.mailbox.mails)
    assert await marketing.states(KIND) == [("SENT", None) if is_asked else STALE]


async def test_nobody_is_asked_when_it_is_turned_off_and_no_guest(marketing: Marketing) -> None:
    await deliver_to_guest(marketing.shop, ("A", 1))
    await marketing.handle("order.completed")
    await marketing.set(review_request_days=0)
    await delivered(marketing)
    assert await marketing.rows(KIND) == []


async def test_who_refuses_such_requests_gets_none(marketing: Marketing) -> None:
    of = await delivered(marketing)
    await marketing.choose(of.buyer, "REVIEWS", enabled=False)
    marketing.shop.clock.advance(WEEK)
    assert (await marketing.send(), await marketing.states(KIND)) == ([], [("FAILED", "NOT_WANTED")])


async def test_the_check_of_many_requests_takes_as_many_statements_as_that_of_one(marketing: Marketing) -> None:
    counts = []
    for number in (1, 4):
        for _ in range(number):
            await delivered(marketing, ("A", 1), ("B", 1))
        marketing.shop.clock.advance(WEEK)
        with counting() as counted:
            assert await marketing.shop.run(marketing.parts.digests.make) == number
        counts.append(counted.data)
    assert counts[0] == counts[1] <= 12
