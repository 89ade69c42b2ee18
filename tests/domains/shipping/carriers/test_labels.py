"""Labels: bought once, voided once, and finished when a process dies in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.kernel.fail_points import FailPointReached
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.validation import ValidationErrors
from domains.order.errors import OrderNotFound, OrderNotShippable
from domains.shipping.carriers.errors import (
    CarrierInactive,
    CarrierNotFound,
    CarrierSellsNoLabels,
    LabelNotFound,
    LabelNotVoidable,
    LabelRefused,
    LabelVoidRefused,
    TrackingNumberTaken,
)
from domains.shipping.carriers.models import LabelStatus
from domains.shipping.carriers.requests import Parcel
from gateway.providers.carriers.mock.carrier import MockCarrier
from tests.domains.shipping.carriers.depot import Depot

S = LabelStatus
TYPED = {"tracking_number": "1Z 999 aa1", "cost": Decimal("7.20"), "service": "Parcel"}


@pytest.fixture(autouse=True)
async def disarmed() -> AsyncIterator[None]:
    yield
    fail_points.arm(())


async def sold(depot: Depot) -> int:
    """How many labels the MOCK carrier has sold to the shop."""
    return int(
        await depot.shop.owner.fetchval(
            "select count(*) from mock_parcels m join shipping_labels l on l.id = m.reference "
            "where l.company_id = $1 and m.cost is not null",
            depot.shop.company_id,
        )
    )


async def test_a_label_is_bought_with_its_number_and_cost(depot: Depot) -> None:
    label = await depot.buy()
    assert (label.status, label.cost, label.currency) == (S.PURCHASED, Decimal("5.4000"), "EUR")
    assert (label.weight, label.origin["country"]) == (Decimal("1.500"), "GB")
    assert label.tracking_number is not None
    assert label.tracking_number.startswith("MOCK")
    assert await depot.labels() == [label]
    assert await depot.events("shipping_label.purchased") == [
        {
            "label_id": str(label.id),
            "order_id": str(depot.order_id),
            "carrier_id": str(depot.mock.id),
            "tracking_number": label.tracking_number,
            "cost": "5.40",
            "currency": "EUR",
        }
    ]


async def test_the_origin_is_the_default_warehouse(depot: Depot) -> None:
    await depot.shop.owner.execute(
        "update warehouses set country = 'DE', postal_code = '10119', city = 'Berlin', "
        "address_line_1 = 'Torstrasse 1' where company_id = $1",
        depot.shop.company_id,
    )
    label = await depot.buy()
    assert {name: label.origin[name] for name in ("country", "postal_code", "city", "line_1")} == {
        "country": "DE",
        "postal_code": "10119",
        "city": "Berlin",
        "line_1": "Torstrasse 1",
    }


async def test_a_purchase_takes_seven_statements(depot: Depot) -> None:
    await depot.buy()
    with counting() as count:
        await depot.buy()
    assert count.data == 7


async def test_the_same_attempt_buys_one_label(depot: Depot) -> None:
    attempt_id = new_id()
    first = await depot.buy(Attempt(depot.shop.database, attempt_id))
    assert await depot.buy(Attempt(depot.shop.database, attempt_id)) == first
    assert await sold(depot) == 1


async def test_two_attempts_at_once_buy_two_labels_with_numbers_of_their_own(depot: Depot) -> None:
    first, second = await asyncio.gather(depot.buy(), depot.buy())
    assert first.tracking_number != second.tracking_number
    assert await sold(depot) == 2


async def test_the_same_attempt_at_once_buys_one_label(depot: Depot) -> None:
    attempt_id = new_id()
    again = [depot.buy(Attempt(depot.shop.database, attempt_id)) for _ in range(3)]
    outcomes = await asyncio.gather(*again, return_exceptions=True)
    assert {each.id for each in outcomes if not isinstance(each, BaseException)} == {attempt_id}
    assert await sold(depot) == 1


async def test_a_refused_label_stays_on_record_with_the_reason(depot: Depot) -> None:
    with pytest.raises(LabelRefused, match="heavier than 30 kg"):
        await depot.buy(parcel=Parcel(Decimal(31)))
    with pytest.raises(LabelRefused, match="no service DRONE to there"):
        await depot.buy(service="DRONE")
    assert [(label.status, label.cost) for label in await depot.labels()] == [(S.FAILED, None)] * 2


@pytest.mark.parametrize(
    ("carrier", "error"),
    [("table", CarrierSellsNoLabels), (None, CarrierNotFound)],
)
async def test_a_carrier_without_labels_sells_none(
    depot: Depot, carrier: str | None, error: type[DomainError]
) -> None:
    carrier_id = getattr(depot, carrier).id if carrier else new_id()
    with pytest.raises(error):
        await depot.buy(carrier_id=carrier_id)
    assert await depot.labels() == []


async def test_an_inactive_carrier_sells_nothing_and_still_voids(depot: Depot) -> None:
    label = await depot.buy()
    carriers = depot.shop.services.shipping.carriers
    await depot.shop.run(lambda tx: carriers.update(tx, depot.mock.id, {"is_active": False}))
    with pytest.raises(CarrierInactive):
        await depot.buy()
    assert (await depot.void(label)).status is S.VOIDED


async def test_an_order_that_is_not_paid_or_was_cancelled_has_no_label(depot: Depot) -> None:
    shop = depot.shop
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    order = (await shop.place(ada)).order
    depot.order_id = order.id
    with pytest.raises(OrderNotShippable, match="not paid or accepted yet"):
        await depot.buy()
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    with pytest.raises(OrderNotShippable, match="It is CANCELLED"):
        await depot.buy()
    depot.order_id = new_id()
    with pytest.raises(OrderNotFound):
        await depot.buy()


async def test_a_label_without_an_origin_is_refused(depot: Depot) -> None:
    tax = depot.shop.services.tax
    await depot.shop.run(lambda tx: tax.settings.update(tx, {"tax_country": None}, "EUR"))
    with pytest.raises(DomainError, match="from which you ship is not known"):
        await depot.buy()


async def test_all_errors_of_a_label_are_raised_together(depot: Depot) -> None:
    parcel = Parcel(Decimal("0.0001"), Decimal(-1), None, None)
    with pytest.raises(ValidationErrors) as raised:
        await depot.buy(parcel=parcel, service=" ", cost=Decimal(1))
    assert [error.field for error in raised.value.errors] == [
        ("service",),
        ("parcel", "weight"),
        ("parcel", "length"),
        ("parcel", "width"),
        ("parcel", "height"),
        ("cost",),
    ]


# ---- labels that were made elsewhere


async def test_a_manual_label_has_the_typed_number_and_cost(depot: Depot) -> None:
    label = await depot.buy(carrier_id=depot.manual.id, **TYPED)
    assert (label.tracking_number, label.cost, label.currency) == ("1Z999AA1", Decimal("7.2000"), "EUR")
    assert (await depot.void(label)).status is S.VOIDED


async def test_a_tracking_number_is_typed_once_for_a_carrier(depot: Depot) -> None:
    await depot.buy(carrier_id=depot.manual.id, **TYPED)
    with pytest.raises(TrackingNumberTaken):
        await depot.buy(carrier_id=depot.manual.id, **TYPED)
    assert len(await depot.labels()) == 1


async def test_of_two_at_once_one_gets_the_tracking_number(depot: Depot) -> None:
    both = [depot.buy(carrier_id=depot.manual.id, **TYPED) for _ in range(2)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, BaseException)]
    assert [type(each) for each in refused] == [TrackingNumberTaken]
    assert [label.status for label in await depot.labels() if label.status is S.PURCHASED] == [S.PURCHASED]


# ---- voids


async def test_a_label_is_voided_once(depot: Depot) -> None:
    label = await depot.buy()
    voided = await depot.void(label)
    assert (voided.status, voided.voided_at) == (S.VOIDED, depot.shop.clock.now())
    with pytest.raises(LabelNotVoidable, match="The label is VOIDED"):
        await depot.void(label)
    assert len(await depot.events("shipping_label.voided")) == 1


async def test_two_voids_at_once_void_once(depot: Depot) -> None:
    label = await depot.buy()
    await asyncio.gather(depot.void(label), depot.void(label), return_exceptions=True)
    assert (await depot.label(label.id)).status is S.VOIDED
    assert len(await depot.events("shipping_label.voided")) == 1


async def test_a_label_of_a_parcel_on_its_way_is_not_voided(depot: Depot) -> None:
    label = await depot.buy()
    depot.shop.clock.advance(timedelta(days=1))
    with pytest.raises(LabelVoidRefused, match="picked up already"):
        await depot.void(label)
    after = await depot.label(label.id)
    assert (after.status, after.void_requested_at) == (S.PURCHASED, None)


async def test_an_unknown_label_is_not_voided(depot: Depot) -> None:
    label = await depot.buy()
    with pytest.raises(LabelNotFound):
        await depot.shop.services.shipping.labels.void(
            Attempt(depot.shop.database), Actor.system(depot.shop.company_id), new_id()
        )
    assert (await depot.label(label.id)).status is S.PURCHASED


# ---- what stops in between


@pytest.mark.parametrize(
    ("point", "status", "number_sold"),
    [("shipping.label_requested", S.FAILED, 0), ("shipping.label_bought", S.PURCHASED, 1)],
)
async def test_a_killed_purchase_is_looked_up_and_never_bought_again(
    depot: Depot, point: str, status: LabelStatus, number_sold: int
) -> None:
    attempt_id = new_id()
    fail_points.arm([f"{point}:raise:1"])
    with pytest.raises(FailPointReached):
        await depot.buy(Attempt(depot.shop.database, attempt_id))
    assert (await depot.label(attempt_id)).status is S.PENDING
    assert await depot.finish() == 1
    label = await depot.label(attempt_id)
    assert (label.status, await sold(depot)) == (status, number_sold)
    assert await depot.finish() == 0
    if status is S.FAILED:  # a late purchase under the closed key is refused
        with pytest.raises(LabelRefused):
            await depot.buy(Attempt(depot.shop.database, attempt_id))
        assert await sold(depot) == 0
    else:
        assert await depot.buy(Attempt(depot.shop.database, attempt_id)) == label


@pytest.mark.parametrize("point", ["shipping.void_requested", "shipping.label_voided"])
async def test_a_killed_void_is_carried_out_by_the_job(depot: Depot, point: str) -> None:
    label = await depot.buy()
    fail_points.arm([f"{point}:raise:1"])
    with pytest.raises(FailPointReached):
        await depot.void(label)
    assert (await depot.label(label.id)).status is S.PURCHASED
    assert await depot.finish() == 1
    assert (await depot.label(label.id)).status is S.VOIDED
    assert len(await depot.events("shipping_label.voided")) == 1


async def test_a_purchase_without_an_answer_is_pending_until_it_is_known(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy = MockCarrier.buy

    async def lost(self: MockCarrier, request: Any) -> Any:
        await buy(self, request)
        raise TimeoutError

    monkeypatch.setattr(MockCarrier, "buy", lost)
    label = await depot.buy()
    assert (label.status, label.tracking_number) == (S.PENDING, None)
    monkeypatch.undo()
    await depot.finish()
    assert (await depot.label(label.id)).status is S.PURCHASED
    assert await sold(depot) == 1


async def test_a_silent_carrier_is_asked_again(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(self: MockCarrier, *_: Any) -> Any:
        raise TimeoutError

    for name in ("buy", "find", "void"):
        monkeypatch.setattr(MockCarrier, name, silent)
    label = await depot.buy()
    assert await depot.finish() == 1
    assert (await depot.label(label.id)).status is S.PENDING
    monkeypatch.undo()
    assert await depot.finish() == 1
    assert (await depot.label(label.id)).status is S.FAILED


async def test_a_label_that_was_voided_at_the_carrier_meanwhile_is_voided(depot: Depot) -> None:
    attempt_id = new_id()
    fail_points.arm(["shipping.label_bought:raise:1"])
    with pytest.raises(FailPointReached):
        await depot.buy(Attempt(depot.shop.database, attempt_id))
    await depot.carrier.void(attempt_id)
    await depot.finish()
    assert (await depot.label(attempt_id)).status is S.VOIDED


async def test_one_broken_label_does_not_stop_the_others(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    ids: Sequence[UUID] = [new_id(), new_id()]
    for attempt_id in ids:
        fail_points.arm(["shipping.label_bought:raise:1"])
        with pytest.raises(FailPointReached):
            await depot.buy(Attempt(depot.shop.database, attempt_id))
    find = MockCarrier.find

    async def broken(self: MockCarrier, reference: UUID) -> Any:
        if reference == ids[0]:
            raise RuntimeError("broken")
        return await find(self, reference)

    monkeypatch.setattr(MockCarrier, "find", broken)
    with pytest.raises(ExceptionGroup):
        await depot.finish()
    assert [(await depot.label(each)).status for each in ids] == [S.PENDING, S.PURCHASED]
