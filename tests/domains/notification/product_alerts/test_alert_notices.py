"""Everyone who waits is told once, by the present stock and price, with few statements."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.notification.product_alerts.alert_notices import CHECK_EVERY
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.notification.product_alerts.conftest import DROP, Alerts

WAITING = """
insert into product_stock_alerts (id, company_id, product_id, kind, email, price, currency, checked_at, expires_at,
                                  created_at)
select gen_random_uuid(), $1, $2, 'BACK_IN_STOCK', 'guest' || number || '@example.com', 10, 'EUR', $4::timestamptz,
       $4::timestamptz + interval '9 days', $4::timestamptz
from generate_series(1, $3::int) as number
"""


async def test_those_who_wait_for_stock_are_told_once(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, bob, tea = await make_customer(), await make_customer(), await alerts.product(name="Tea")
    await alerts.create(ann, tea)
    await alerts.create(bob, tea, kind=DROP)
    assert await alerts.tell(tea) == 0
    await alerts.stock("A", 1)
    assert [await alerts.tell(tea) for _ in range(2)] == [1, 0]
    (told,) = await alerts.told()
    assert ann.user_id is not None
    assert (told.kind, told.user_id, told.recipient) == (
        "BACK_IN_STOCK",
        ann.user_id,
        f"{ann.user_id.hex}@example.com",
    )
    assert told.variables == {"product": {"name": "Tea", "variant": None, "url": None, "image_url": None}}


async def test_an_alert_that_was_told_can_be_created_again(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, tea = await make_customer(), await alerts.product()
    for _ in range(2):
        await alerts.create(ann, tea)
        await alerts.stock("A", 1)
        assert await alerts.tell(tea) == 1
        await alerts.stock("A", 0)
    assert len(await alerts.told()) == 2


async def test_stock_that_is_sold_out_again_tells_no_one(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, tea = await make_customer(), await alerts.product()
    await alerts.create(ann, tea)
    await alerts.stock("A", 1)
    await alerts.stock("A", 0)
    assert (await alerts.tell(tea), await alerts.told()) == (0, [])
    await alerts.stock("A", 2)
    assert await alerts.tell(tea) == 1


async def test_only_the_variant_that_is_waited_for_counts(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, shirt = await make_customer(), await alerts.product(skus=("S", "M"), name="Shirt")
    owners = await alerts.services.catalog.skus.of_products(alerts.database.reader(ann.company_id), [shirt.id])
    small = next(each.variant_id for each in owners if each.sku == "S")
    await alerts.create(ann, shirt, variant_id=small)
    await alerts.stock("M", 5)
    assert await alerts.tell(shirt) == 0
    await alerts.stock("S", 5)
    assert await alerts.tell(shirt) == 1
    assert (await alerts.told())[0].variables["product"]["variant"] == "Size S"


@pytest.mark.parametrize(
    ("target", "new", "is_told"),
    [(None, "10", False), (None, "9.99", True), (None, "11", False), ("8", "8.01", False), ("8", "8", True)],
)
async def test_a_price_drop_is_below_the_price_at_creation_or_at_most_the_target(
    alerts: Alerts, make_customer: MakeCustomer, target: str | None, new: str, is_told: bool
) -> None:
    ann, tea = await make_customer(), await alerts.product(stock=1)
    await alerts.create(ann, tea, kind=DROP, target_price=Decimal(target) if target else None)
    await alerts.price(tea, new)
    assert await alerts.tell(tea) == is_told
    prices = {"old_price": "10.00", "new_price": f"{Decimal(new):.2f}", "currency": "EUR"}
    told = [(each.kind, each.variables.items() >= prices.items()) for each in await alerts.told()]
    assert told == [("PRICE_DROP", True)] * is_told


async def test_a_product_that_is_not_on_sale_tells_no_one(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, tea, gone = await make_customer(), await alerts.product(), await alerts.product("B")
    for product, sku in ((tea, "A"), (gone, "B")):
        await alerts.create(ann, product)
        await alerts.stock(sku, 1)
    await alerts.do(lambda tx: alerts.services.catalog.update_product(tx, tea.id, {"is_active": False}))
    await alerts.do(lambda tx: alerts.services.catalog.delete_product(tx, gone.id))
    assert (await alerts.tell(tea, gone), await alerts.told()) == (0, [])


async def test_of_two_events_at_once_one_tells(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, tea = await make_customer(), await alerts.product()
    await alerts.create(ann, tea)
    await alerts.stock("A", 1)
    assert sorted(await asyncio.gather(*(alerts.tell(tea) for _ in range(4)))) == [0, 0, 0, 1]
    assert len(await alerts.told()) == 1


async def test_a_process_that_dies_between_the_mark_and_the_notification_leaves_both_undone(
    alerts: Alerts, make_customer: MakeCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, tea = await make_customer(), await alerts.product()
    await alerts.create(ann, tea)
    await alerts.stock("A", 1)

    async def die(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(type(alerts.services.notification.notifications), "create", die)
        with pytest.raises(RuntimeError):
            await alerts.tell(tea)
    assert (await alerts.tell(tea), len(await alerts.told())) == (1, 1)


async def test_ten_thousand_who_wait_are_told_by_few_statements(
    alerts: Alerts, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = await alerts.product()
    await alerts.owner.execute(WAITING, alerts.actor.company_id, tea.id, 2_500, clock.now())
    await alerts.stock("A", 1)
    with counting() as counted:
        assert await alerts.tell(tea) == 2_500
    assert counted.data == 3 + 1 + 2 * 3  # one for the settings; no user is read for guests
    told = await alerts.told()
    assert len({each.recipient for each in told}) == len(told) == 2_500


async def test_an_event_for_which_no_one_waits_costs_one_statement(alerts: Alerts) -> None:
    tea = await alerts.product(stock=1)
    with counting() as counted:
        assert await alerts.tell(tea) == 0
    assert counted.data == 1


async def test_the_job_finds_what_no_event_told(
    alerts: Alerts, make_customer: MakeCustomer, clock: FixedClock
) -> None:
    ann, tea = await make_customer(), await alerts.product()
    await alerts.create(ann, tea)
    await alerts.stock("A", 1)
    clock.advance(CHECK_EVERY - timedelta(minutes=1))
    assert (await alerts.do(alerts.parts.notices.check), await alerts.told()) == (0, [])
    clock.advance(timedelta(minutes=1))
    assert [await alerts.do(alerts.parts.notices.check) for _ in range(2)] == [1, 0]
    assert [each.kind for each in await alerts.told()] == ["BACK_IN_STOCK"]


async def test_another_companys_alerts_are_not_told(
    alerts: Alerts, make_customer: MakeCustomer, other_company: Any
) -> None:
    ann, tea = await make_customer(), await alerts.product()
    await alerts.create(ann, tea)
    await alerts.stock("A", 1)

    async def tell(tx: Tx) -> int:
        told: int = await alerts.parts.notices.tell(tx, {tea.id, new_id()})
        return told

    assert await alerts.database.run(tell, type(alerts.actor).system(other_company)) == 0
    assert await alerts.told() == []
