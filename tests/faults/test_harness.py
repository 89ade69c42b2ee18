"""The harness itself: a shop without faults keeps the invariants, and a broken one does not."""

import signal

import pytest

from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from tests.faults.api import Answered
from tests.faults.drain import drained, lapse_unpaid
from tests.faults.invariants import require_all
from tests.faults.processes import Gateway
from tests.faults.shop import Item, Placed, Shop


async def placed(shop: Shop, code: str, *items: Item) -> Placed:
    buyer = shop.buyer()
    order = await buyer.order(await buyer.fill(*(item.line(2) for item in items), code=code))
    assert isinstance(order, Placed)
    assert isinstance(await buyer.pay(order), Answered)
    return order


async def test_a_shop_without_faults_keeps_all_invariants_and_a_broken_one_does_not(
    gateway: Gateway, shop: Shop, platform: Platform, shop_url: str
) -> None:
    await gateway.start()
    items, code = await shop.add_items(4, 1_000), await shop.add_code(10)
    bought, refunded, cancelled = [await placed(shop, code, *items[:2]) for _ in range(3)]
    await shop.refund(refunded, "3.00")
    buyer = shop.buyer()
    await buyer.register()
    unpaid = await buyer.order(await buyer.fill(items[2].line(5)))
    assert isinstance(unpaid, Placed)
    assert isinstance(await shop.buyer().cancel(cancelled), Answered)
    await shop.restock(items[3], 7)
    await lapse_unpaid(shop_url)
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop)

    async with connected(shop_url) as connection:
        await connection.execute("update mock_charges set status = 'VOIDED' where amount > 0")
        await connection.execute("delete from outbox_events where topic = 'order.paid'")
        await connection.execute("update orders set order_number = 'X' where id = $1::uuid", bought.id)
        await connection.execute("update reservations set status = 'RELEASED'")
    with pytest.raises(AssertionError) as broken:
        await require_all(platform, shop_url, shop)
    for rule in (
        "A charge at the provider is a payment that succeeded, and the reverse",
        "Each fact has exactly one event",
        "An open order has all its units reserved, and another one none",
        "What clients were told is so",
    ):
        assert rule in str(broken.value)


async def test_a_process_is_frozen_killed_and_started_again(gateway: Gateway) -> None:
    await gateway.start()
    assert await gateway.is_able()
    gateway.freeze()
    gateway.thaw()
    assert await gateway.is_able()
    gateway.kill()
    assert gateway.returncode == -signal.SIGKILL
    assert not await gateway.is_able()
    await gateway.start()
    assert await gateway.is_able()
    assert await gateway.stop() == 0
