"""Staff are told of new orders, and of stock that runs low or out."""

import asyncio
from typing import Final
from uuid import UUID

from domains.inventory.models import StockCount
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.notification.delivery import Result
from domains.notification.staff.staff_notifications import MOST_MEMBERS
from tests.domains.actors import CUSTOMER_ID, MANAGER_ID, SUPPORT_ID, make_membership, make_user
from tests.domains.notification.told import Told
from tests.domains.order.buyers import order_as_guest

STAFF: Final = ["ann@example.com", "bob@example.com"]
CREATION: Final = 4  # the order with its lines and addresses, and the notifications


async def set_staff(told: Told, *addresses: str) -> None:
    settings = told.shop.services.notification.settings
    await told.shop.run(lambda tx: settings.update(tx, {"staff_emails": list(addresses)}, "EUR"))


async def member(told: Told, role_id: UUID) -> UUID:
    """A user with a role in the company."""
    user_id = await make_user(told.shop.owner)
    await make_membership(told.shop.owner, told.shop.company_id, user_id, role_id)
    return user_id


async def listed(told: Told, kind: str) -> list[UUID]:
    """The users who have notifications of a kind in their lists."""
    return [row["user_id"] for row in await told.rows([kind], "IN_APP")]


async def reorder_at(told: Told, sku: str, point: int) -> None:
    levels = told.shop.services.inventory.reorder_levels
    await told.shop.run(lambda tx: levels.set(tx, sku, {"reorder_point": point}))


async def test_each_address_is_told_of_an_order_once_and_without_addresses(told: Told) -> None:
    await set_staff(told, *STAFF)
    order = await order_as_guest(told.shop, "guest@example.com")
    for _ in range(2):
        await told.shop.owner.execute("delete from inbox_entries where handler like 'notification.%'")
        await told.handle()
    rows = await told.rows(["STAFF_NEW_ORDER"])
    assert [(row["recipient"], row["category"], row["user_id"]) for row in rows] == [
        (address, "STAFF", None) for address in STAFF
    ]
    for row in rows:
        shown = row["variables"]["order"]
        assert (shown["number"], shown["shipping_address"], shown["billing_address"]) == (
            *(order.order_number, None, None),
        )
        assert "guest@example.com" not in str(row["variables"])
        assert "Ada" not in str(row["variables"])


async def test_without_recipients_only_members_are_read(told: Told) -> None:
    await set_staff(told)
    await member(told, CUSTOMER_ID)
    await order_as_guest(told.shop, "guest@example.com")
    (event,) = await told.events("order.created")
    notify = told.shop.services.notification.staff_notifications.notify
    with counting() as counted:
        await told.shop.run(lambda tx: notify(tx, event))
    assert (counted.data, await told.rows(["STAFF_NEW_ORDER"], None)) == (1, [])


async def test_stock_that_runs_low_and_out_is_told_with_its_units(told: Told) -> None:
    await reorder_at(told, "A", 4)
    ledger = told.shop.services.inventory.ledger
    for units in (4, 0):
        await told.shop.run(lambda tx, units=units: ledger.set(tx, [StockCount("A", units)]))
        await told.handle()
    rows = await told.rows(["STAFF_LOW_STOCK"])
    assert [row["variables"]["items"] for row in rows] == [
        [{"sku": "A", "name": "Thing A", "available": units, "threshold": 4}] for units in (4, 0)
    ]
    assert [row["recipient"] for row in rows] == ["staff@example.com"] * 2


async def test_stock_that_came_back_since_is_not_told(told: Told) -> None:
    ledger = told.shop.services.inventory.ledger
    for units in (0, 9):
        await told.shop.run(lambda tx, units=units: ledger.set(tx, [StockCount("A", units)]))
    await told.handle()
    assert await told.rows(["STAFF_LOW_STOCK"]) == []


async def test_members_who_see_orders_have_each_order_once_in_their_lists(told: Told) -> None:
    manager, support = await member(told, MANAGER_ID), await member(told, SUPPORT_ID)
    await member(told, CUSTOMER_ID)
    order = await order_as_guest(told.shop, "guest@example.com")
    (event,) = await told.events("order.created")
    notify = told.shop.services.notification.staff_notifications.notify
    await asyncio.gather(*(told.shop.run(lambda tx: notify(tx, event)) for _ in range(2)))
    rows = await told.rows(["STAFF_NEW_ORDER"], "IN_APP")
    assert [(row["user_id"], row["recipient"], row["category"]) for row in rows] == [
        (user_id, None, "STAFF") for user_id in (manager, support)
    ]
    assert {row["metadata"]["order_id"] for row in rows} == {str(order.id)}
    assert "guest@example.com" not in str(rows)
    assert "Ada" not in str(rows)


async def test_a_new_order_is_in_the_list_of_a_member_without_the_page_of_the_buyer(told: Told) -> None:
    manager, shop = await member(told, MANAGER_ID), told.shop
    order = await order_as_guest(shop, "guest@example.com")
    await told.handle("order.created")
    (row,) = await told.rows(["STAFF_NEW_ORDER"], "IN_APP")
    parts, actor = shop.services.notification, Actor(ActorKind.USER, shop.company_id, user_id=manager)
    assert await parts.delivery.send(shop.database, shop.company_id, row["id"], 1) is Result.SENT
    (shown,) = (await parts.inbox.find(shop.database.reader(shop.company_id), actor, PageArgs())).items
    assert (shown.subject, shown.url) == (f"New order {order.order_number}", None)


async def test_members_who_see_stock_have_it_in_their_lists(told: Told) -> None:
    await set_staff(told)
    await reorder_at(told, "A", 4)
    manager, support = await member(told, MANAGER_ID), await member(told, SUPPORT_ID)
    await told.shop.owner.execute("update memberships set is_active = false where user_id = $1", support)
    ledger = told.shop.services.inventory.ledger
    await told.shop.run(lambda tx: ledger.set(tx, [StockCount("A", 3)]))
    for _ in range(2):
        await told.shop.owner.execute("delete from inbox_entries where handler like 'notification.%'")
        await told.handle()
    assert (await listed(told, "STAFF_LOW_STOCK"), await told.rows(["STAFF_LOW_STOCK"])) == ([manager], [])


async def test_many_members_are_told_by_the_same_statements_and_at_most_fifty(told: Told) -> None:
    counts, notify = [], told.shop.services.notification.staff_notifications.notify
    for members in (1, MOST_MEMBERS):
        made = [await member(told, MANAGER_ID) for _ in range(members)]
        await order_as_guest(told.shop, "guest@example.com")
        event = (await told.events("order.created"))[-1]
        before = len(await listed(told, "STAFF_NEW_ORDER"))
        with counting() as counted:
            await told.shop.run(lambda tx, event=event: notify(tx, event))
        counts.append((counted.data, len(await listed(told, "STAFF_NEW_ORDER")) - before))
    assert counts == [(1 + CREATION, 1), (1 + CREATION, MOST_MEMBERS)]
    assert made[-1] not in await listed(told, "STAFF_NEW_ORDER")
