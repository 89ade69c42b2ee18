"""A cart that a known buyer filled and left is reported once, and again only after it has changed."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.cart.models import CartRef
from domains.catalog.models import Product
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.cart.conftest import Carts, MakeStocked
from tests.domains.catalog.conftest import MakeCustomer

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
EVENTS = """
select aggregate_id, payload from outbox_events where company_id = $1 and topic = 'cart.abandoned' order by sequence
"""


class Reports:
    """The job, and the carts that it has reported."""

    def __init__(self, carts: Carts, owner: Any, company: UUID) -> None:
        self._carts, self._owner, self._company = carts, owner, company

    async def run(self) -> list[tuple[UUID, int]]:
        """The carts that one run of the job reports, with their units."""
        known = len(await self.rows())
        while await self._carts.do(self._carts.service.abandonment.report):
            pass
        return [(row["aggregate_id"], row["payload"]["units"]) for row in (await self.rows())[known:]]

    async def rows(self) -> list[Any]:
        found: list[Any] = await self._owner.fetch(EVENTS, self._company)
        return found


@pytest.fixture
def reports(carts: Carts, owner: Any, company: UUID) -> Reports:
    return Reports(carts, owner, company)


@pytest.fixture
async def tea(make_stocked: MakeStocked) -> Product:
    return await make_stocked("A")


async def cart_of(carts: Carts, ref: CartRef) -> UUID:
    return (await carts.of(ref)).cart.id


async def test_a_users_cart_is_reported_a_day_after_its_last_change(
    carts: Carts, tea: Product, make_customer: MakeCustomer, reports: Reports, clock: FixedClock
) -> None:
    user_id = (await make_customer()).user_id
    ref, left_at = CartRef(user_id=user_id), clock.now()
    await carts.add(ref, tea, 3)
    cart = await cart_of(carts, ref)
    clock.advance(DAY - MINUTE)
    assert await reports.run() == []
    clock.advance(MINUTE)
    assert await reports.run() == [(cart, 3)]
    ((_, payload),) = await reports.rows()
    assert payload == {"cart_id": str(cart), "user_id": str(user_id), "units": 3, "changed_at": left_at.isoformat()}
    clock.advance(5 * DAY)
    assert await reports.run() == []


async def test_a_cart_is_reported_again_after_it_has_changed(
    carts: Carts, tea: Product, make_customer: MakeCustomer, reports: Reports, clock: FixedClock
) -> None:
    ref = CartRef(user_id=(await make_customer()).user_id)
    await carts.add(ref, tea)
    cart = await cart_of(carts, ref)
    clock.advance(DAY)
    assert await reports.run() == [(cart, 1)]
    await carts.add(ref, tea)
    assert await reports.run() == []
    clock.advance(DAY)
    assert await reports.run() == [(cart, 2)]


async def test_only_a_guest_with_a_confirmed_address_is_a_known_buyer(
    carts: Carts, tea: Product, reports: Reports, clock: FixedClock, owner: Any
) -> None:
    unknown, known = await carts.guest(tea), await carts.guest(tea)
    cart = await cart_of(carts, known)
    assert await cart_of(carts, unknown) != cart
    await owner.execute("update carts set confirmed_email = 'ada@example.com' where id = $1", cart)
    clock.advance(DAY)
    assert await reports.run() == [(cart, 1)]


async def test_an_ordered_and_an_expired_cart_are_not_abandoned(
    carts: Carts, tea: Product, make_customer: MakeCustomer, reports: Reports, clock: FixedClock
) -> None:
    bought, expired = [CartRef(user_id=(await make_customer()).user_id) for _ in range(2)]
    for ref in (bought, expired):
        await carts.add(ref, tea)
    await carts.do(lambda tx: carts.service.take_out(tx, bought))
    clock.advance(DAY)
    assert len(await reports.run()) == 1
    await carts.add(expired, tea)
    clock.advance(timedelta(days=90))
    assert await reports.run() == []


async def test_the_hours_are_a_setting_of_the_company(
    carts: Carts, tea: Product, make_customer: MakeCustomer, reports: Reports, clock: FixedClock
) -> None:
    await carts.do(lambda tx: carts.service.settings.update(tx, {"abandoned_after_hours": 2}, "EUR"))
    ref = CartRef(user_id=(await make_customer()).user_id)
    await carts.add(ref, tea)
    clock.advance(timedelta(hours=2) - MINUTE)
    assert await reports.run() == []
    clock.advance(MINUTE)
    assert await reports.run() == [(await cart_of(carts, ref), 1)]


async def test_parallel_runs_and_changes_report_a_cart_once(
    carts: Carts, tea: Product, make_customer: MakeCustomer, reports: Reports, clock: FixedClock
) -> None:
    refs = [CartRef(user_id=(await make_customer()).user_id) for _ in range(6)]
    for ref in refs:
        await carts.add(ref, tea)
    ids = [await cart_of(carts, ref) for ref in refs]
    clock.advance(DAY)
    changed = refs[:2]
    report = carts.service.abandonment.report
    await asyncio.gather(*(carts.do(report) for _ in range(4)), *(carts.add(ref, tea) for ref in changed))
    assert await reports.run() == []
    told = [row["aggregate_id"] for row in await reports.rows()]
    assert len(set(told)) == len(told)
    assert set(ids[2:]) <= set(told)


async def test_another_companys_carts_are_left_alone(
    carts: Carts,
    tea: Product,
    make_customer: MakeCustomer,
    reports: Reports,
    clock: FixedClock,
    database: Database,
    other_company: UUID,
) -> None:
    ref = CartRef(user_id=(await make_customer()).user_id)
    await carts.add(ref, tea)
    clock.advance(DAY)
    assert await database.run(carts.service.abandonment.report, Actor.system(other_company)) == 0
    assert len(await reports.run()) == 1
