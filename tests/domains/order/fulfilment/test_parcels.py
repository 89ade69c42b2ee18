"""Parcels of orders: parts of lines, several parcels, warehouses; and what is refused, with nothing changed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.inventory.allocation.reallocation import ReallocatedLine
from domains.inventory.errors import NotReserved, WarehouseNotFound
from domains.inventory.models import StockLine
from domains.kernel.errors import DomainError, DuplicateValue, NotApplicable, OutOfRange, TooMany
from domains.kernel.ids import new_id
from domains.kernel.validation import errors_of
from domains.order.errors import OrderItemNotFound, OrderOnHold
from domains.order.fulfilment.errors import (
    NothingToShip,
    OrderNotFulfillable,
    OverShipped,
    ShipmentNotPending,
    ShipmentWarehouseRequired,
    SplitTooLarge,
    UnitsElsewhere,
)
from domains.order.fulfilment.packed_units import ParcelUnits
from domains.order.fulfilment.parcels import NewParcel
from domains.order.models import FulfilmentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.shipping.carriers.errors import CarrierNotFound, LabelNotFound, TrackingNumberTaken
from domains.shipping.shipments.errors import ShipmentNotChangeable, ShipmentNotFound
from domains.shipping.shipments.models import ShipmentStatus
from tests.conftest import make_company
from tests.domains.order.allocation.warehouses import held, levels, open_warehouse
from tests.domains.order.fulfilment.shipped_orders import cancel, contents, dispatch, paid_order, ship, units
from tests.domains.order.storefront import Storefront

S = OrderStatus


async def test_an_order_is_shipped_in_parts_and_then_delivered(shop: Storefront) -> None:
    await shop.stock("A", 5)
    await shop.stock("B", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3), ("B", 1))
    first = await ship(shop, clerk, order, {"A": 2}, details={"tracking_number": "jd 0001"})
    part = await shop.order(order.id)
    assert (first.position, first.status, first.tracking_number) == (1, ShipmentStatus.IN_TRANSIT, "JD0001")
    assert (part.status, part.fulfilment_status) == (S.PROCESSING, FulfilmentStatus.PARTIALLY_FULFILLED)
    assert (part.units_shipped, part.tracking_number) == (2, "JD0001")
    assert await shop.level("A") == (2, 1)
    second = await ship(shop, clerk, order)
    whole = await shop.order(order.id)
    assert (second.position, whole.status, whole.units_shipped) == (2, S.SHIPPED, 4)
    assert whole.tracking_number == "JD0001"
    assert await contents(shop, order) == {1: ("IN_TRANSIT", {"A": 2}), 2: ("IN_TRANSIT", {"A": 1, "B": 1})}
    assert (await shop.level("A"), await shop.level("B")) == ((2, 0), (4, 0))
    update = shop.services.order.update_status
    delivered = await shop.run(lambda tx: update(tx, clerk, order.id, S.DELIVERED), clerk)
    assert (delivered.status, delivered.units_delivered) == (S.DELIVERED, 4)
    assert {status for status, _ in (await contents(shop, order)).values()} == {"DELIVERED"}
    assert (await shop.topics()).count("order.completed") == 1


async def test_a_packed_shipment_keeps_its_units_reserved_until_it_leaves(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3))
    packed = await ship(shop, clerk, order, {"A": 2}, is_dispatched=False)
    assert (packed.status, packed.shipped_at) == (ShipmentStatus.PENDING, None)
    assert (await shop.order(order.id)).status is S.PROCESSING
    assert await shop.level("A") == (2, 3)
    with pytest.raises(OverShipped, match="2 units cannot be packed: 1 of this line is left"):
        await ship(shop, clerk, order, {"A": 2})
    sent = await dispatch(shop, clerk, packed, tracking_number="JD0002")
    assert (sent.status, sent.tracking_number) == (ShipmentStatus.IN_TRANSIT, "JD0002")
    assert (await shop.level("A"), (await shop.order(order.id)).units_shipped) == ((2, 1), 2)
    for refused in (dispatch(shop, clerk, packed), cancel(shop, clerk, packed)):
        with pytest.raises(ShipmentNotPending, match="IN_TRANSIT"):
            await refused
    assert await shop.level("A") == (2, 1)


async def test_a_cancelled_shipment_gives_its_units_and_its_number_free(shop: Storefront) -> None:
    await shop.stock("A", 2)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    packed = await ship(shop, clerk, order, is_dispatched=False, details={"tracking_number": "JD0003"})
    with pytest.raises(NothingToShip):
        await ship(shop, clerk, order)
    cancelled = await cancel(shop, clerk, packed)
    assert (cancelled.status, cancelled.tracking_number) == (ShipmentStatus.CANCELLED, None)
    assert await shop.level("A") == (0, 2)
    again = await ship(shop, clerk, order, details={"tracking_number": "JD0003"})
    assert (again.position, (await shop.order(order.id)).status) == (2, S.SHIPPED)
    with pytest.raises(ShipmentNotPending, match="CANCELLED"):
        await cancel(shop, clerk, packed)


async def test_units_of_a_packed_shipment_go_into_another_one(shop: Storefront) -> None:
    await shop.stock("A", 5)
    await shop.stock("B", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3), ("B", 2))
    packed = await ship(shop, clerk, order, is_dispatched=False)
    parcels = shop.services.order.parcels
    taken = await units(shop, order, {"A": 1, "B": 2})
    _, new = await shop.run(lambda tx: parcels.split(tx, clerk, packed.id, taken), clerk)
    assert (new.position, new.warehouse_id, new.status) == (2, packed.warehouse_id, ShipmentStatus.PENDING)
    assert await contents(shop, order) == {1: ("PENDING", {"A": 2}), 2: ("PENDING", {"A": 1, "B": 2})}
    everything = await units(shop, order, {"A": 2})
    with pytest.raises(SplitTooLarge):
        await shop.run(lambda tx: parcels.split(tx, clerk, packed.id, everything), clerk)
    too_many = [ParcelUnits(everything[0].order_item_id, 3), ParcelUnits(new_id(), 1)]
    with pytest.raises(DomainError) as caught:
        await shop.run(lambda tx: parcels.split(tx, clerk, packed.id, too_many), clerk)
    assert [type(each) for each in errors_of(caught.value)] == [OverShipped, OrderItemNotFound]
    for each in (packed, new):
        await dispatch(shop, clerk, each)
    assert (await shop.order(order.id)).status is S.SHIPPED


async def test_each_mistake_is_told_with_its_path_and_nothing_changes(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3))
    (line,) = await units(shop, order, {"A": 1})
    lines = [line, line, ParcelUnits(new_id(), 1), ParcelUnits(line.order_item_id, 0)]
    with pytest.raises(DomainError) as caught:
        await shop.run(
            lambda tx: shop.services.order.parcels.create(
                tx, clerk, _new(order.id, lines, carrier_id=new_id(), weight=Decimal(0), tracking_number="!")
            ),
            clerk,
        )
    told: list[Any] = list(errors_of(caught.value))
    assert [(type(each), each.field) for each in told[:3]] == [
        (DuplicateValue, ("lines", "1", "order_item_id")),
        (OrderItemNotFound, ("lines", "2", "order_item_id")),
        (DuplicateValue, ("lines", "3", "order_item_id")),
    ]
    assert [each.field for each in told[3:]] == [("carrier_id",), ("weight",), ("tracking_number",)]
    assert isinstance(told[3], CarrierNotFound)
    for refused, error in (
        ({"lines": []}, TooMany),
        ({"lines": [ParcelUnits(line.order_item_id, 0)]}, OutOfRange),
        ({"lines": [ParcelUnits(line.order_item_id, 4)]}, OverShipped),
        ({"warehouse_id": new_id()}, WarehouseNotFound),
        ({"details": {"label_id": new_id()}}, LabelNotFound),
        ({"details": {"label_id": new_id(), "weight": Decimal(1)}}, NotApplicable),
    ):
        with pytest.raises(DomainError) as caught:
            await _create(shop, clerk, order.id, **refused)
        assert type(errors_of(caught.value)[0]) is error
    assert (await shop.order(order.id), await contents(shop, order)) == (order, {})
    assert await shop.level("A") == (2, 3)


async def test_only_orders_that_can_be_shipped_are(shop: Storefront) -> None:
    await shop.stock("A", 9)
    buyer, clerk = await shop.customer(), await shop.staff()
    unpaid = await shop.buy(buyer, ("A", 1))
    with pytest.raises(OrderNotFulfillable, match="not paid or accepted yet"):
        await ship(shop, clerk, unpaid)
    order = await shop.pay(buyer, unpaid)
    await shop.owner.execute("update orders set held_at = now(), hold_reason = 'Fraud?' where id = $1", order.id)
    with pytest.raises(OrderOnHold, match="on hold: Fraud"):
        await ship(shop, clerk, order)
    await shop.owner.execute("update orders set held_at = null, hold_reason = null where id = $1", order.id)
    accepted = await shop.accept(buyer, await shop.buy(buyer, ("A", 1)))
    await ship(shop, clerk, accepted)
    await ship(shop, clerk, order)
    with pytest.raises(OrderNotFulfillable, match="It is SHIPPED"):
        await ship(shop, clerk, order)
    other = await make_company(shop.owner)
    parcels = shop.services.order.parcels
    (sent,) = await shop.services.shipping.shipments.of_orders(shop.database.reader(shop.company_id), [order.id])
    stranger = type(clerk)(clerk.kind, other, user_id=clerk.user_id)
    with pytest.raises(ShipmentNotFound):
        await shop.run(lambda tx: parcels.cancel(tx, stranger, sent.id), stranger)


async def test_refunded_units_are_not_packed(shop: Storefront) -> None:
    await shop.stock("A", 9)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3))
    (line,) = await units(shop, order, {"A": 1})
    refund = NewRefund(lines=[RefundedUnits(line.order_item_id, 1)])
    await shop.services.order.refunds.refund(shop.database, clerk, order.id, refund)
    with pytest.raises(OverShipped):
        await ship(shop, clerk, order, {"A": 3})
    await ship(shop, clerk, order)
    ended = await shop.order(order.id)
    assert (ended.status, ended.units_shipped, ended.units_dropped) == (S.SHIPPED, 2, 1)
    assert await shop.level("A") == (7, 0)
    with pytest.raises(OrderNotFulfillable, match="SHIPPED"):
        await ship(shop, clerk, order)


async def test_a_whole_refund_ends_what_is_left_of_a_partly_shipped_order(shop: Storefront) -> None:
    await shop.stock("A", 9)
    await shop.stock("B", 9)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3), ("B", 2))
    await ship(shop, clerk, order, {"A": 1})
    await ship(shop, clerk, order, {"A": 1, "B": 1}, is_dispatched=False)
    await shop.services.order.refunds.refund(shop.database, clerk, order.id)
    assert await contents(shop, order) == {1: ("IN_TRANSIT", {"A": 1}), 2: ("CANCELLED", {"A": 1, "B": 1})}
    ended = await shop.order(order.id)
    assert (ended.status, ended.units_dropped) == (S.SHIPPED, 4)
    assert (await shop.level("A"), await shop.level("B")) == ((8, 0), (9, 0))
    update = shop.services.order.update_status
    delivered = await shop.run(lambda tx: update(tx, clerk, order.id, S.DELIVERED), clerk)
    assert delivered.status is S.REFUNDED


async def test_a_shipment_comes_from_one_warehouse(shop: Storefront) -> None:
    await shop.stock("A", 2)
    await shop.stock("U", None)
    north = await open_warehouse(shop, "NORTH", stock={"A": 3})
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 5), ("U", 1))
    with pytest.raises(ShipmentWarehouseRequired) as caught:
        await ship(shop, clerk, order)
    assert caught.value.codes == ("MAIN", "NORTH")
    with pytest.raises(UnitsElsewhere, match="NORTH has 3 units of 'A'"):
        await ship(shop, clerk, order, {"A": 4}, warehouse_id=north)
    packed = await ship(shop, clerk, order, {"A": 2, "U": 1}, warehouse_id=north, is_dispatched=False)
    assert packed.warehouse_id == north
    moved = ReallocatedLine("A", 2, north, await _default(shop))
    more = [StockLine("A", 5, moved.to_warehouse_id)]
    await shop.run(lambda tx: shop.services.inventory.ledger.change(tx, more))
    with pytest.raises(NotReserved, match="has 1 reserved units of 'A', not 2"):
        await shop.run(lambda tx: shop.services.order.reallocations.reallocate(tx, clerk, order.id, [moved]), clerk)
    await dispatch(shop, clerk, packed)
    update = shop.services.order.update_status
    shipped = await shop.run(lambda tx: update(tx, clerk, order.id, S.SHIPPED, tracking_number="JD0009"), clerk)
    assert (shipped.status, shipped.tracking_number, await held(shop, order.id)) == (S.SHIPPED, "JD0009", {})
    assert await held(shop, order.id, "CONFIRMED") is not None
    assert {units_["A"] for _, units_ in (await contents(shop, order)).values()} == {1, 2}
    assert (await levels(shop, "A"))["NORTH"] == (0, 0)


async def test_what_is_known_of_a_parcel_changes_until_it_is_delivered(shop: Storefront) -> None:
    await shop.stock("A", 9)
    buyer, clerk = await shop.customer(), await shop.staff()
    one, two = [await paid_order(shop, buyer, ("A", 1)) for _ in range(2)]
    first, second = await ship(shop, clerk, one), await ship(shop, clerk, two, is_dispatched=False)
    carrier = await shop.run(
        lambda tx: shop.services.shipping.carriers.create(tx, {"name": "Post", "code": "post", "adapter": "MANUAL"})
    )
    parcels = shop.services.order.parcels
    given: Any = {"carrier_id": carrier.id, "tracking_number": "P-1234", "cost": Decimal("4.90")}
    changed = await shop.run(lambda tx: parcels.update(tx, clerk, first.id, given), clerk)
    assert (changed.carrier_name, changed.cost, changed.currency) == ("Post", Decimal("4.90"), "EUR")
    assert (await shop.order(one.id)).tracking_number == "P-1234"
    with pytest.raises(TrackingNumberTaken):
        await dispatch(shop, clerk, second, carrier_id=carrier.id, tracking_number="P-1234")
    assert await shop.level("A") == (7, 1)
    update = shop.services.order.update_status
    await shop.run(lambda tx: update(tx, clerk, one.id, S.DELIVERED), clerk)
    with pytest.raises(ShipmentNotChangeable, match="DELIVERED"):
        await shop.run(lambda tx: parcels.update(tx, clerk, first.id, given), clerk)


def _new(order_id: UUID, lines: list[ParcelUnits] | None, **details: Any) -> Any:
    given: Any = details
    return NewParcel(order_id=order_id, lines=lines, details=given)


async def _create(shop: Storefront, clerk: Any, order_id: UUID, **given: Any) -> Any:
    new = NewParcel(order_id=order_id, **given)
    return await shop.run(lambda tx: shop.services.order.parcels.create(tx, clerk, new), clerk)


async def _default(shop: Storefront) -> UUID:
    sql = "select id from warehouses where company_id = $1 and is_default"
    found: UUID = await shop.owner.fetchval(sql, shop.company_id)
    return found
