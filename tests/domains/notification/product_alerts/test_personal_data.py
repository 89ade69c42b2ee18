"""The alerts of a person are exported, erased and merged; those of others stay."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.ids import new_id
from domains.kernel.personal_data import Erasure, Person
from domains.notification.product_alerts import personal_data
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.notification.product_alerts.conftest import DROP, Alerts

GUS = "gus@example.com"
ROWS = "select user_id, email, kind from product_stock_alerts where company_id = $1 order by kind, id"


async def rows(alerts: Alerts) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await alerts.owner.fetch(ROWS, alerts.actor.company_id)]


@pytest.fixture
async def people(alerts: Alerts, make_customer: MakeCustomer) -> tuple[UUID, UUID]:
    """Ann and Bob wait for stock, and Gus, a guest, for stock and a lower price; another code of his waits."""
    ann, bob, tea = await make_customer(), await make_customer(), await alerts.product()
    await alerts.create(ann, tea)
    await alerts.create(bob, tea)
    for kind in ({}, {"kind": DROP}):
        code_id = await alerts.request(GUS, tea, **kind)
        await alerts.confirm(code_id, await alerts.code())
    await alerts.request(GUS, tea)
    assert ann.user_id is not None
    assert bob.user_id is not None
    return ann.user_id, bob.user_id


async def test_the_alerts_of_a_user_and_of_a_guest_are_exported(alerts: Alerts, people: tuple[UUID, UUID]) -> None:
    ann, _ = people
    reader = alerts.database.reader(alerts.actor.company_id)
    for person, kinds in (
        (Person(user_id=ann, emails=("ann@example.com",)), ["BACK_IN_STOCK"]),
        (Person(user_id=None, emails=(GUS,)), ["BACK_IN_STOCK", "PRICE_DROP"]),
    ):
        found = (await personal_data.export_alerts(reader, person))["product_stock_alerts"]
        assert sorted(each["kind"] for each in found) == kinds
        assert all("company_id" not in each for each in found)


async def test_erasing_a_guest_deletes_the_alerts_and_codes(alerts: Alerts, people: tuple[UUID, UUID]) -> None:
    ann, bob = people
    erasure = Erasure(person=Person(user_id=None, emails=(GUS,)), erased_id=new_id())
    assert await alerts.do(lambda tx: personal_data.erase_alerts(tx, erasure)) == 3
    assert await alerts.do(lambda tx: personal_data.erase_alerts(tx, erasure)) == 0
    assert [user_id for user_id, *_ in await rows(alerts)] == [ann, bob]


async def test_a_merge_moves_what_the_other_user_does_not_wait_for(alerts: Alerts, people: tuple[UUID, UUID]) -> None:
    ann, bob = people
    merged = Person(user_id=bob, emails=(GUS,))
    for moved in (1, 0):
        assert await alerts.do(lambda tx: personal_data.merge_alerts(tx, merged, ann)) == moved
        assert await rows(alerts) == [(ann, None, "BACK_IN_STOCK"), (ann, None, "PRICE_DROP")]
