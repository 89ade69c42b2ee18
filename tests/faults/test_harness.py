"""The harness itself: a shop without faults keeps the invariants, and a broken one does not."""

import signal
from typing import Final

import pytest

from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from tests.faults import drain
from tests.faults.api import Answered
from tests.faults.drain import recovered, settle
from tests.faults.invariants.checks import require_all
from tests.faults.processes import Gateway
from tests.faults.shop import Item, Placed, Shop


async def placed(shop: Shop, code: str, *items: Item) -> Placed:
    buyer = shop.buyer()
    order = await buyer.order(await buyer.fill(*(item.line(2) for item in items), code=code))
    assert isinstance(order, Placed)
    assert isinstance(await buyer.pay(order), Answered)
    return order


BROKEN_BY: Final = {
    "A charge at the provider is a payment that succeeded, and the reverse": (
        "update mock_charges set status = 'VOIDED' where amount > 0"
    ),
    "Each fact has exactly one event": "delete from outbox_events where topic = 'order.paid'",
    "What clients were told is so": "update orders set order_number = order_number || 'X'",
    "An open order has all its units reserved, and another one none": "update reservations set status = 'RELEASED'",
    "The purchases of users are those of their paid orders": "delete from product_purchases",
    "Each event of a user's purchase had one effect": "insert into purchase_effects default values",
}


async def trade(shop: Shop) -> None:
    """Whatever guests, customers and staff do."""
    items, code = await shop.add_items(4, 1_000), await shop.add_code(10)
    _, refunded, cancelled = [await placed(shop, code, *items[:2]) for _ in range(3)]
    await shop.refund(refunded, "3.00")
    buyer = shop.buyer()
    await buyer.register()
    unpaid = await buyer.order(await buyer.fill(items[2].line(5)))
    assert isinstance(unpaid, Placed)
    assert isinstance(await shop.buyer().cancel(cancelled), Answered)
    await shop.restock(items[3], 7)
    async with shop.customer() as customer:
        kept, later = [await customer.order(await customer.fill(items[0].line())) for _ in range(2)]
        assert isinstance(kept, Placed)
        assert isinstance(later, Placed)
        assert isinstance(await customer.pay(kept), Answered)
        assert isinstance(await customer.pay_by_invoice(later), Answered)
    await shop.correct_address()


async def test_a_shop_without_faults_keeps_all_invariants_and_a_broken_one_does_not(
    gateway: Gateway, shop: Shop, platform: Platform, shop_url: str
) -> None:
    await gateway.start()
    await trade(shop)
    await settle(platform, shop, shop_url)

    async with connected(shop_url) as connection:
        for statement in BROKEN_BY.values():
            await connection.execute(statement)
    with pytest.raises(AssertionError) as broken:
        await require_all(platform, shop_url, shop)
    assert [rule for rule in BROKEN_BY if rule not in str(broken.value)] == []


async def test_lost_and_repeated_mail_is_seen(
    gateway: Gateway, shop: Shop, platform: Platform, shop_url: str
) -> None:
    await gateway.start()
    await shop.correct_address()
    await shop.buyer().register()
    await settle(platform, shop, shop_url)
    mail = platform.settings.commerce_home / "outbox" / "mail.jsonl"
    lines = mail.read_bytes().splitlines(keepends=True)

    mail.write_bytes(b"".join([*lines, lines[0]]))
    await require_all(platform, shop_url, shop, deaths=1)
    with pytest.raises(AssertionError, match="Only mail of processes that died is delivered again"):
        await require_all(platform, shop_url, shop)
    mail.write_bytes(b"")
    with pytest.raises(AssertionError) as lost:
        await require_all(platform, shop_url, shop, deaths=1)
    for rule in ("Mail that was promised was sent", "Each event of a notice was mailed by one handling"):
        assert rule in str(lost.value)


async def test_a_shop_recovers_when_a_server_runs(
    gateway: Gateway, platform: Platform, shop_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gateway.start("relay.claimed:kill:1")
    assert await gateway.ended() == -signal.SIGKILL
    with monkeypatch.context() as patch:
        patch.setattr(drain, "DRAIN_SECONDS", 1.0)
        with pytest.raises(TimeoutError, match="events or notifications wait"):
            await recovered(platform, shop_url)
    await gateway.start()
    await recovered(platform, shop_url)


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
