"""Live prices of several carriers at once; one that fails does not hold up the others."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.values.money import Money
from domains.shipping.carriers import rates as live_rates
from domains.shipping.carriers.models import CarrierFailure, LiveMethod
from domains.shipping.carriers.requests import Parcel, ParcelAddress, RateRequest
from domains.shipping.carriers.results import CarrierRate
from gateway.providers.carriers.mock.carrier import MockCarrier
from tests.domains.shipping.carriers.depot import Depot

GB = ParcelAddress(country="GB", postal_code="SW1Y")
FR = ParcelAddress(country="FR", postal_code="75001")


async def prices(
    depot: Depot, *methods: LiveMethod, to: ParcelAddress = GB, weight: str = "1", currency: str = "EUR"
) -> list[Any]:
    """The answers for methods, in their order."""
    shop = depot.shop
    found = await shop.services.shipping.carrier_rates.of_methods(
        shop.database.reader(shop.company_id),
        methods,
        origin=GB,
        destination=to,
        parcel=Parcel(Decimal(weight)),
        currency=currency,
    )
    return [found[method.method_id] for method in methods]


def method(carrier_id: Any, service: str = "STANDARD") -> LiveMethod:
    return LiveMethod(new_id(), carrier_id, service)


async def test_prices_follow_service_weight_and_distance(depot: Depot) -> None:
    standard, express = method(depot.mock.id), method(depot.mock.id, "EXPRESS")
    assert await prices(depot, standard, express) == [Decimal("5.10"), Decimal("10.20")]
    assert await prices(depot, standard, to=FR, weight="2.5") == [Decimal("20.00")]
    assert await prices(depot, standard, currency="JPY") == [Decimal(5)]


async def test_a_carrier_without_a_price_says_why(depot: Depot) -> None:
    F = CarrierFailure  # noqa: N806
    assert await prices(depot, method(depot.mock.id, "OVERNIGHT"), to=FR) == [F.NO_SERVICE]
    assert await prices(depot, method(depot.mock.id), weight="31") == [F.REFUSED]
    assert await prices(depot, method(depot.manual.id), method(depot.table.id)) == [F.INACTIVE] * 2
    assert await prices(depot, method(new_id())) == [F.INACTIVE]
    carriers = depot.shop.services.shipping.carriers
    await depot.shop.run(lambda tx: carriers.update(tx, depot.mock.id, {"is_active": False}))
    assert await prices(depot, method(depot.mock.id)) == [F.INACTIVE]


async def test_each_carrier_is_asked_once_and_all_at_once(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    carriers = depot.shop.services.shipping.carriers
    other = await depot.shop.run(
        lambda tx: carriers.create(tx, {"name": "Other", "code": "other", "adapter": "MOCK"})
    )
    waiting, both = [], asyncio.Event()

    async def rates(self: MockCarrier, request: RateRequest) -> Sequence[CarrierRate]:
        waiting.append(request)
        if len(waiting) == 2:
            both.set()
        await both.wait()
        return [CarrierRate("STANDARD", Money(Decimal("3.333"), request.currency))]

    monkeypatch.setattr(MockCarrier, "rates", rates)
    asked = [method(depot.mock.id), method(other.id), method(depot.mock.id, "EXPRESS")]
    with counting() as count:
        assert await prices(depot, *asked) == [Decimal("3.33"), Decimal("3.33"), CarrierFailure.NO_SERVICE]
    assert count.data == 1
    assert len(waiting) == 2


async def test_a_silent_carrier_does_not_hold_up_the_others(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_rates, "RATE_TIME", 0.01)
    answered = MockCarrier.rates
    carriers = depot.shop.services.shipping.carriers
    other = await depot.shop.run(
        lambda tx: carriers.create(tx, {"name": "Other", "code": "other", "adapter": "MOCK"})
    )
    asked: list[int] = []

    async def rates(self: MockCarrier, request: RateRequest) -> Sequence[CarrierRate]:
        asked.append(1)
        if len(asked) == 1:
            await asyncio.Event().wait()
        return await answered(self, request)

    monkeypatch.setattr(MockCarrier, "rates", rates)
    assert await prices(depot, method(depot.mock.id), method(other.id)) == [
        CarrierFailure.NO_ANSWER,
        Decimal("5.10"),
    ]


async def test_a_price_in_another_currency_is_none(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def rates(self: MockCarrier, request: RateRequest) -> Sequence[CarrierRate]:
        return [CarrierRate("STANDARD", Money(Decimal(3), "USD"))]

    monkeypatch.setattr(MockCarrier, "rates", rates)
    assert await prices(depot, method(depot.mock.id)) == [CarrierFailure.CURRENCY]


async def test_without_methods_nothing_is_read(depot: Depot) -> None:
    with counting() as count:
        assert await prices(depot) == []
    assert count.data == 0


@pytest.mark.parametrize("failure", [ValueError("secret"), KeyError("rates"), RuntimeError])
async def test_an_adapter_that_fails_does_not_hold_up_the_others(
    depot: Depot, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    answered = MockCarrier.rates
    carriers = depot.shop.services.shipping.carriers
    new: Any = {"name": "Other", "code": "other", "adapter": "MOCK"}
    other = await depot.shop.run(lambda tx: carriers.create(tx, new))
    asked: list[int] = []

    async def rates(self: MockCarrier, request: RateRequest) -> Sequence[CarrierRate]:
        asked.append(1)
        if len(asked) == 1:
            raise failure
        return await answered(self, request)

    monkeypatch.setattr(MockCarrier, "rates", rates)
    assert await prices(depot, method(depot.mock.id), method(other.id)) == [
        CarrierFailure.NO_ANSWER,
        Decimal("5.10"),
    ]


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1E20"])
async def test_a_price_that_is_no_amount_is_none(depot: Depot, monkeypatch: pytest.MonkeyPatch, amount: str) -> None:
    async def rates(self: MockCarrier, request: RateRequest) -> Sequence[CarrierRate]:
        return [CarrierRate("STANDARD", Money(Decimal(amount), request.currency))]

    monkeypatch.setattr(MockCarrier, "rates", rates)
    assert await prices(depot, method(depot.mock.id)) == [CarrierFailure.CURRENCY]
