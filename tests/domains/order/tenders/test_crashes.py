"""A checkout that dies between its statements spends nothing; a key that is repeated spends once."""

from typing import Any

import pytest

from domains.cart.models import CartRef
from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.fail_points import FailPointReached
from domains.order.models import OrderStatus
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.wallet import Wallet

POINTS = (
    "checkout.locked",
    "checkout.tenders_locked",
    "checkout.order_written",
    "checkout.stock_reserved",
    "outbox.written",
)


@pytest.fixture
async def disarmed() -> Any:
    yield
    fail_points.arm([])


@pytest.mark.usefixtures("disarmed")
@pytest.mark.parametrize("point", POINTS)
async def test_a_checkout_that_dies_spends_nothing(shop: Storefront, wallet: Wallet, ada: Actor, point: str) -> None:
    card = await wallet.card("25.00")
    await shop.fill(ada, ("A", 2))
    await wallet.apply(ada, card)
    fail_points.arm([f"{point}:raise:1"])
    with pytest.raises(FailPointReached):
        await shop.place(ada)
    fail_points.arm([])
    assert (await wallet.balance(card), await shop.level("A")) == (25, (50, 0))
    assert [await shop.count(table) for table in ("orders", "payments", "cart_gift_cards")] == [0, 0, 1]
    order: Any = (await shop.place(ada)).order
    assert (order.status, await wallet.balance(card)) == (OrderStatus.PAID, 5)
    reader = shop.database.reader(shop.company_id)
    cart = await shop.services.cart.get_cart(reader, CartRef.of(ada, None))
    (contents,) = await shop.services.cart.contents(reader, [cart])
    assert (contents.lines, contents.gift_card_ids) == ([], [])
