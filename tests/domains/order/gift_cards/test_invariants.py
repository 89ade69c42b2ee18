"""The invariants of sold gift cards find rows that were written past the domain."""

from contextlib import suppress
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order.invariants import INVARIANTS
from domains.order.models import Order
from tests.conftest import Undo
from tests.domains.order.storefront import Storefront

ISSUED = "Each sold gift card was issued with the payment of its order, unless it was refunded before"
UNITS = "The units of each order are those of its lines"
RULES = {invariant.rule: invariant.query.replace("limit 20", "") for invariant in INVARIANTS}
MOVED = "update gift_cards set order_item_id = null where id = (select min(id::text)::uuid from gift_cards {owned})"
OWNED = "where order_item_id in (select id from order_items where order_id = $1)"


@pytest.fixture
async def paid(shop: Storefront, ada: Actor) -> Order:
    return await shop.pay(ada, await shop.buy(ada, ("CARD", 2)))


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (MOVED.format(owned=OWNED), ISSUED),
        ("update orders set paid_at = null where id = $1", ISSUED),
        ("update orders set units_digital = 1 where id = $1", UNITS),
    ],
)
async def test_damage_is_found(owner: Any, paid: Order, damage: str, rule: str) -> None:
    found = []
    async with owner.acquire() as connection:
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(damage, paid.id)
                found = [row["order_number"] for row in await connection.fetch(RULES[rule])]
                raise Undo
    assert paid.order_number in found
