"""Payments with declined cards are limited by network address (OWASP OAT-001, card testing)."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.quotas import Quota
from domains.order.models import Order
from gateway.graphql.order import rate_limit
from tests.domains.order.storefront import DECLINED, Storefront
from tests.gateway.graphql.order.operations import CARD, PAY, paying
from tests.gateway.site import Site


@pytest.fixture
async def ada(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A customer, where three cards may be declined."""
    quota = rate_limit.DECLINED_CARDS
    monkeypatch.setattr(rate_limit, "DECLINED_CARDS", Quota(quota.subject, 3, quota.period))
    await shop.stock("A", 99)
    return await shop.customer()


async def code(site: Site, actor: Actor, order: Order, **given: Any) -> str | None:
    """The error code of a payment of an order."""
    errors = (await site.data(PAY, actor, **paying(order.id, **given)))["orderPay"]["errors"]
    return errors[0]["code"] if errors else None


async def test_further_cards_are_refused_after_some_declined_ones(shop: Storefront, site: Site, ada: Actor) -> None:
    bad = CARD | {"number": DECLINED}
    first, second = await shop.buy(ada, ("A", 1)), await shop.buy(ada, ("A", 1))
    codes = [await code(site, ada, order, card=bad) for order in (first, first, second)]
    assert codes == ["PAYMENT_DECLINED"] * 3
    assert await code(site, ada, second) == "RATE_LIMITED"
    assert await shop.count("payments") == 3
    assert await code(site, ada, first, method="INVOICE", card=None) is None
    site.ip = "198.51.100.9"
    assert await code(site, ada, second) is None


async def test_accepted_cards_and_refusals_before_the_provider_do_not_count(
    shop: Storefront, site: Site, ada: Actor
) -> None:
    orders = [await shop.buy(ada, ("A", 1)) for _ in range(5)]
    assert [await code(site, ada, order) for order in orders] == [None] * 5
    assert {await code(site, ada, orders[0]) for _ in range(5)} == {"ORDER_NOT_PAYABLE"}
    assert (
        await code(site, ada, await shop.buy(ada, ("A", 1)), card=CARD | {"number": DECLINED}) == "PAYMENT_DECLINED"
    )


async def test_parallel_declined_cards_are_all_counted(shop: Storefront, site: Site, ada: Actor) -> None:
    orders = [await shop.buy(ada, ("A", 1)) for _ in range(8)]
    bad = CARD | {"number": DECLINED}
    codes = await asyncio.gather(*(code(site, ada, order, card=bad) for order in orders))
    assert Counter(codes) == {"PAYMENT_DECLINED": 3, "RATE_LIMITED": 5}
