"""Methods that a provider keeps with a payment are saved for the order's customer, once, and for no guest."""

from datetime import timedelta

import pytest

from domains.kernel.actor import Actor
from domains.order.models import OrderStatus
from domains.payment.saved_methods.models import SavedMethod
from tests.domains.order.storefront import SILENT_CHARGED, Storefront

LATER = timedelta(minutes=5)


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 5)
    return await shop.customer()


async def pay_and_keep(shop: Storefront, actor: Actor, *, token: str | None = None) -> None:
    """Pay an order; the provider keeps the method, and answers later."""
    await shop.fill(actor, ("A", 1), token=token)
    placed = await shop.place(actor)
    await shop.pay(actor, placed.order, SILENT_CHARGED)
    await shop.owner.execute(
        "update mock_charges m set kept_for = $2 from payments p where p.id = m.reference and p.order_id = $1",
        placed.order.id,
        actor.user_id,
    )
    shop.clock.advance(LATER)
    assert await shop.services.order.reconciliation.reconcile(shop.database, shop.system) == 1
    assert (await shop.order(placed.order.id)).status is OrderStatus.PAID


async def methods(shop: Storefront, actor: Actor) -> list[SavedMethod]:
    assert actor.user_id is not None
    reader = shop.database.reader(shop.company_id)
    return await shop.services.payment.saved_methods.of_users(reader, [actor.user_id])


async def test_a_kept_method_is_saved_with_the_outcome(shop: Storefront, ada: Actor) -> None:
    await pay_and_keep(shop, ada)
    (saved,) = await methods(shop, ada)
    assert (saved.provider, saved.brand, saved.last_4, saved.is_default) == ("MOCK", "visa", "4242", True)
    await pay_and_keep(shop, ada)
    assert [method.is_default for method in await methods(shop, ada)] == [True, False]


async def test_a_payment_that_keeps_nothing_saves_nothing(shop: Storefront, ada: Actor) -> None:
    await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    assert await methods(shop, ada) == []
    assert await shop.count("payment_methods") == 0
