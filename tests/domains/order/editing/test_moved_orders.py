"""Orders that staff send to another address: their dates and what they wait for are those of the new place."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.inventory.backorders.backorders import BackorderTerms
from domains.shipping.models import ShippingZoneType
from tests.domains.order.allocation.warehouses import held, open_warehouse
from tests.domains.order.editing.editor import Editor
from tests.domains.order.editing.test_places import BONN, WIEN
from tests.domains.order.storefront import Storefront

WAITING = "select country, quantity - allocated as units from backorders where order_id = $1 and status = 'WAITING'"


async def test_the_dates_are_computed_again_from_the_time_of_the_edit(shop: Storefront, editor: Editor) -> None:
    shipping = shop.services.shipping
    zone = await shop.run(
        lambda tx: shipping.zones.create(
            tx, {"name": "Europe", "type": ShippingZoneType.COUNTRY, "countries": ["DE", "AT"]}
        )
    )
    new: Any = {"zone_id": zone.id, "name": "Post", "base_price": Decimal(0), "min_days": 2, "max_days": 3}
    made = await shop.run(lambda tx: shipping.methods.create(tx, new))
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    order = (await shop.place(ada, shipping=BONN)).order
    order = await shop.pay(ada, order)
    assert order.estimated_delivery_date is not None
    shop.clock.advance(timedelta(days=9))
    assert (await editor.edit(order, A=2)).order.estimated_delivery_date == order.estimated_delivery_date
    moved = (await editor.edit(order, to=WIEN)).order
    calendar = await shipping.calendar(shop.database.reader(shop.company_id))
    dates = calendar.dates(shop.clock.now(), 2, 3)
    assert (moved.earliest_delivery_date, moved.estimated_delivery_date) == (dates.earliest, dates.latest)
    assert dates.latest > order.estimated_delivery_date
    await shop.run(lambda tx: shipping.methods.update(tx, made.id, {"min_days": None, "max_days": None}))
    back = (await editor.edit(order, to=BONN)).order
    assert (back.earliest_delivery_date, back.estimated_delivery_date) == (None, None)


@pytest.mark.parametrize("free", [0, 3, 9])
async def test_units_that_an_order_waits_for_come_from_where_its_new_place_is_served(
    shop: Storefront, editor: Editor, free: int
) -> None:
    terms = BackorderTerms(limit=50)
    await shop.run(lambda tx: shop.services.inventory.backorders.update(tx, "B", terms))
    await open_warehouse(shop, "WIEN", "AT", stock={"B": free} if free else None)
    ada = await shop.customer()
    await shop.fill(ada, ("B", 24))
    order = await shop.pay(ada, (await shop.place(ada, shipping=BONN)).order)
    assert [tuple(row) for row in await shop.owner.fetch(WAITING, order.id)] == [("DE", 4)]
    await editor.edit(order, to=WIEN)
    got = min(free, 4)
    assert (await held(shop, order.id)).get(("WIEN", "B"), 0) == got
    left = [("AT", 4 - got)] if got < 4 else []
    assert [tuple(row) for row in await shop.owner.fetch(WAITING, order.id)] == left
