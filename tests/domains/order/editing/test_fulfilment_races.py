"""Edits that meet parcels, cancellations and other edits: no unit is sent that was removed, and none is lost."""

import pytest

from domains.kernel.actor import Actor
from domains.order.models import FulfilmentStatus, Order, OrderStatus
from tests.domains.order.editing.editor import Editor
from tests.domains.order.editing.meetings import Turn, meet, require_agreement, turns
from tests.domains.order.fulfilment.shipped_orders import contents, dispatch, ship
from tests.domains.order.storefront import Storefront


@pytest.fixture
async def ada(shop: Storefront, editor: Editor) -> Actor:
    return await shop.customer()


@pytest.fixture
async def paid(shop: Storefront, ada: Actor) -> Order:
    """Five A at 10.00 and five B at 4.00 EUR."""
    return await shop.pay(ada, await shop.buy(ada, ("A", 5), ("B", 5)))


@pytest.mark.parametrize("turn", [turn for turn in Turn if turn is not Turn.WITHIN_OTHER])
async def test_a_packed_shipment_is_dispatched(shop: Storefront, editor: Editor, paid: Order, turn: Turn) -> None:
    packed = await ship(shop, editor.staff, paid, {"A": 3}, is_dispatched=False)
    found = await meet(shop, paid, turn, lambda: editor.edit(paid, A=3), lambda: dispatch(shop, editor.staff, packed))
    assert found == ("done", "done")
    order = await require_agreement(shop, paid, "50.00", "50.00", A=17, B=15)
    assert (order.status, order.fulfilment_status, order.units_shipped) == (
        OrderStatus.PROCESSING,
        FulfilmentStatus.PARTIALLY_FULFILLED,
        3,
    )


@pytest.mark.parametrize("is_dispatched", [False, True])
@pytest.mark.parametrize("turn", [turn for turn in Turn if turn is not Turn.WITHIN_OTHER])
async def test_removed_units_are_not_packed_and_packed_ones_not_removed(
    shop: Storefront, editor: Editor, paid: Order, turn: Turn, is_dispatched: bool
) -> None:
    found = await meet(
        shop,
        paid,
        turn,
        lambda: editor.edit(paid, A=3),
        lambda: ship(shop, editor.staff, paid, {"A": 4}, is_dispatched=is_dispatched),
    )
    expected = {Turn.EDIT_WAITS_LAST: [("LinePacked", "done")]}.get(turn, [("done", "OverShipped")])
    assert found in ([("LinePacked", "done"), ("done", "OverShipped")] if turn is Turn.AT_ONCE else expected)
    if found[0] == "done":
        await require_agreement(shop, paid, "50.00", "50.00", A=17, B=15)
        assert await contents(shop, paid) == {}
    else:
        await require_agreement(shop, paid, "70.00", "70.00", A=15, B=15)
        assert await contents(shop, paid) == {1: ("IN_TRANSIT" if is_dispatched else "PENDING", {"A": 4})}


@pytest.mark.parametrize("turn", [turn for turn in Turn if turn is not Turn.WITHIN_OTHER])
async def test_all_that_is_left_is_shipped(shop: Storefront, editor: Editor, paid: Order, turn: Turn) -> None:
    found = await meet(shop, paid, turn, lambda: editor.edit(paid, A=3), lambda: ship(shop, editor.staff, paid))
    assert found[1] == "done"
    if found[0] == "done":
        order = await require_agreement(shop, paid, "50.00", "50.00", A=17, B=15)
        assert await contents(shop, paid) == {1: ("IN_TRANSIT", {"A": 3, "B": 5})}
    else:
        assert (found[0], turn in (Turn.EDIT_WAITS_LAST, Turn.AT_ONCE)) == ("OrderNotEditable", True)
        order = await require_agreement(shop, paid, "70.00", "70.00", A=15, B=15)
    assert (order.status, order.fulfilment_status) == (OrderStatus.SHIPPED, FulfilmentStatus.FULFILLED)


@turns
async def test_the_order_is_cancelled(shop: Storefront, editor: Editor, ada: Actor, paid: Order, turn: Turn) -> None:
    await ship(shop, editor.staff, paid, {"A": 3}, is_dispatched=False)
    cancelling = shop.services.order.cancel_order
    found = await meet(
        shop, paid, turn, lambda: editor.edit(paid, A=3), lambda: cancelling(shop.database, ada, paid.id)
    )
    assert found[1] == "done"
    total = "50.00" if found[0] == "done" else "70.00"
    assert found[0] in ("done", "OrderNotEditable")
    order = await require_agreement(shop, paid, total, "0", A=20, B=20)
    assert (order.status, await contents(shop, paid)) == (OrderStatus.REFUNDED, {1: ("CANCELLED", {"A": 3})})


@turns
async def test_the_order_is_edited_twice(shop: Storefront, editor: Editor, paid: Order, turn: Turn) -> None:
    await ship(shop, editor.staff, paid, {"A": 3}, is_dispatched=False)
    found = await meet(shop, paid, turn, lambda: editor.edit(paid, A=3), lambda: editor.edit(paid, A=4, B=2))
    assert found == ("done", "done")
    item = await editor.item(paid, "A")
    left = item.quantity - item.dropped_quantity
    last = {Turn.EDIT_WAITS_FIRST: (4,), Turn.EDIT_WAITS_LAST: (3,), Turn.WITHIN_EDIT: (4,), Turn.WITHIN_OTHER: (3,)}
    assert left in last.get(turn, (3, 4))
    await require_agreement(shop, paid, f"{left * 10 + 8}.00", f"{left * 10 + 8}.00", A=20 - left, B=18)
    assert await shop.count("order_edits") == 2
