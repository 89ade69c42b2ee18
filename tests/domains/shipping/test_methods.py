"""Shipping methods of a company with their rates and profiles: what is stored, and what is refused."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.validation import errors_of
from domains.shipping import methods
from domains.shipping.errors import ShippingMethodNotFound, ShippingRatesIncomplete, ShippingZoneNotFound
from domains.shipping.events import ShippingMethodCreated, ShippingMethodDeleted, ShippingMethodUpdated
from domains.shipping.models import (
    Consignment,
    DayRange,
    Limits,
    OfferedMethod,
    RateBand,
    ShippingMethodType,
    ShippingPricing,
    ShippingServiceType,
)
from domains.shipping.service import ShippingService
from tests.domains.shipping.conftest import MakeMethod, MakeProfile, MakeZone

D = Decimal
NOWHERE = UUID(int=7)
FULL: dict[str, Any] = {
    "name": " Express ",
    "description": "By air",
    "carrier": "DHL",
    "service_type": ShippingServiceType.EXPRESS,
    "base_price": D("4.9"),
    "price_per_kg": D("1.1"),
    "price_per_item": D("0.25"),
    "free_from": D(200),
    "min_days": 1,
    "max_days": 2,
    "min_weight": D("0.5"),
    "max_weight": D("31.5"),
    "max_amount": D(1000),
    "position": 3,
    "configuration": {"service": "ground ", "insured": True, "value": 2.5, "note": None},
    "rates": [
        {"min_weight": D("0.5"), "max_weight": D(5), "max_amount": D(1000), "rate": D(0)},
        {"min_weight": D(5), "max_weight": D("31.5"), "max_amount": D(1000), "rate": D("3.5")},
    ],
}


def refusals(error: DomainError) -> set[str]:
    return {f"{type(each).__name__} {'.'.join(each.field)}" for each in errors_of(error)}


async def offered(shipping: ShippingService, db: Reader) -> list[OfferedMethod]:
    return list((await shipping.of_sales(db, [None]))[None].methods)


async def test_a_method_is_stored_in_the_company_s_currency_and_offered_as_it_is(
    shipping: ShippingService, make_zone: MakeZone, make_profile: MakeProfile, tx: Tx
) -> None:
    zone, furniture = await make_zone(), await make_profile(is_default=True)
    new: Any = {**FULL, "zone_id": zone.id, "profile_ids": [furniture.id, furniture.id]}
    method = await shipping.methods.create(tx, new)
    assert (method.name, method.carrier, method.currency) == ("Express", "dhl", "EUR")
    assert method.configuration == {"service": "ground", "insured": True, "value": 2.5, "note": None}
    assert tx.events == [ShippingMethodCreated(shipping_method_id=method.id, shipping_zone_id=zone.id)]
    light = RateBand(Limits(D("0.5"), D(5), None, D(1000)), D(0))
    heavy = RateBand(Limits(D(5), D("31.5"), None, D(1000)), D("3.5"))
    assert await offered(shipping, tx) == [
        OfferedMethod(
            id=method.id,
            name="Express",
            carrier="dhl",
            service_type=ShippingServiceType.EXPRESS,
            base_price=D("4.9"),
            price_per_kg=D("1.1"),
            price_per_item=D("0.25"),
            free_from=D(200),
            estimated_days=DayRange(1, 2),
            limits=Limits(D("0.5"), D("31.5"), None, D(1000)),
            bands=[light, heavy],
            profile_ids=frozenset({furniture.id, None}),
            position=3,
        )
    ]
    assert (await shipping.methods.profiles_of(tx, [method.id]))[method.id] == [furniture]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": " ", "base_price": None, "is_active": None},
         {"Required name", "Required base_price", "Required is_active"}),
        ({"base_price": D(-1), "price_per_kg": D("0.001"), "price_per_item": D("NaN"), "free_from": D(10) ** 15},
         {"OutOfRange base_price", "TooManyDecimals price_per_kg", "OutOfRange price_per_item",
          "OutOfRange free_from"}),
        ({"min_weight": D(-1), "max_weight": D("1.0001"), "min_amount": D(5), "max_amount": D(5)},
         {"OutOfRange min_weight", "TooManyDecimals max_weight", "RangeInverted max_amount"}),
        ({"max_weight": D(0), "max_amount": D("Infinity")}, {"RangeInverted max_weight", "OutOfRange max_amount"}),
        ({"min_days": -1, "max_days": 366}, {"OutOfRange min_days", "OutOfRange max_days"}),
        ({"min_days": 1}, {"Required max_days"}),
        ({"max_days": 1}, {"Required min_days"}),
        ({"min_days": 3, "max_days": 2}, {"RangeInverted max_days"}),
        ({"position": -1, "carrier": "D H L", "description": "x" * 1001},
         {"OutOfRange position", "InvalidInput carrier", "TooLong description"}),
        ({"configuration": ["x"]}, {"InvalidInput configuration"}),
        ({"configuration": {"deep": {}, "": 1, "x": float("inf")}},
         {"InvalidInput configuration", "Required configuration"}),
        ({"configuration": {str(number): number for number in range(21)}}, {"TooMany configuration"}),
        ({"configuration": {"n": 10**400}}, {"InvalidInput configuration"}),
        ({"configuration": {"n": float("nan")}}, {"InvalidInput configuration"}),
        ({"configuration": {"n": float("inf")}}, {"InvalidInput configuration"}),
        ({"type": ShippingMethodType.PICKUP, "pricing": ShippingPricing.CARRIER},
         {"Required pickup_warehouse_id", "NotApplicable pricing"}),
        ({"pickup_warehouse_id": NOWHERE, "pricing": ShippingPricing.CARRIER},
         {"NotApplicable pickup_warehouse_id", "Required carrier_id"}),
        ({"rates": None, "profile_ids": [NOWHERE]}, {"Required rates", "ShippingProfileNotFound profile_ids.0"}),
        ({"profile_ids": None}, {"Required profile_ids"}),
        ({"profile_ids": [NOWHERE] * 101, "rates": [{"rate": D(1)}] * 51}, {"TooMany profile_ids", "TooMany rates"}),
        ({"rates": [{}, {"rate": D(-1), "min_weight": D(-1)},
                    {"rate": D(1), "min_weight": D(2), "max_weight": D(1)}]},
         {"Required rates.0.rate", "OutOfRange rates.1.rate", "OutOfRange rates.1.min_weight",
          "RangeInverted rates.2.max_weight"}),
        ({"rates": [{"rate": D(1), "max_weight": D(5)}]}, {"ShippingRatesIncomplete rates"}),
        ({"rates": [{"rate": D(1)}, {"rate": D(2), "max_weight": D(5)}]}, {"ShippingRatesOverlap rates.1"}),
        ({"max_weight": D(4), "rates": [{"rate": D(1)}]}, {"ShippingRateOutsideLimits rates.0"}),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_method_is_named_together(
    shipping: ShippingService, make_zone: MakeZone, tx: Tx, given: Any, expected: set[str]
) -> None:
    zone = await make_zone()
    new: Any = {"name": "M", **given, "zone_id": zone.id}
    with pytest.raises(DomainError) as caught:
        await shipping.methods.create(tx, new)
    assert refusals(caught.value) == expected
    assert await offered(shipping, tx) == []


async def test_a_change_names_what_changed_and_keeps_the_rest(
    shipping: ShippingService, make_zone: MakeZone, make_method: MakeMethod, make_profile: MakeProfile, tx: Tx
) -> None:
    zone, profile = await make_zone(), await make_profile()
    method = await make_method(zone, **{**FULL, "profile_ids": [profile.id]})
    same: Any = {**FULL, "name": "Express", "profile_ids": [profile.id]}
    assert await shipping.methods.update(tx, method.id, same) == method
    assert tx.events == []
    changed = await shipping.methods.update(tx, method.id, {"base_price": D(6), "profile_ids": []})
    assert changed == replace(method, base_price=D("6.00"), updated_at=changed.updated_at)
    halves: Any = [{**rate, "rate": D(1)} for rate in FULL["rates"]]
    await shipping.methods.update(tx, method.id, {"rates": halves})
    assert [band.rate for band in (await offered(shipping, tx))[0].bands] == [D(1), D(1)]
    assert [event.changed for event in tx.events if isinstance(event, ShippingMethodUpdated)] == [
        ["base_price", "profile_ids"], ["rates"]
    ]  # fmt: skip
    await shipping.methods.update(tx, method.id, {"rates": [], "description": None})
    assert (await offered(shipping, tx))[0].bands == ()
    await shipping.methods.delete(tx, method.id)
    assert await offered(shipping, tx) == []
    assert tx.events[-1] == ShippingMethodDeleted(shipping_method_id=method.id, shipping_zone_id=zone.id)


async def test_new_limits_must_be_covered_by_the_rates_that_stay(
    shipping: ShippingService, make_zone: MakeZone, make_method: MakeMethod, tx: Tx
) -> None:
    method = await make_method(await make_zone(), **FULL)
    with pytest.raises(ShippingRatesIncomplete, match=r"weights from 0 to below 0\.5 kg"):
        await shipping.methods.update(tx, method.id, {"min_weight": None})
    with pytest.raises(DomainError) as caught:
        await shipping.methods.update(tx, method.id, {"max_weight": D(31)})
    assert refusals(caught.value) == {"ShippingRateOutsideLimits rates.1"}
    await shipping.methods.update(tx, method.id, {"min_weight": None, "rates": []})


async def test_methods_need_their_zone_and_are_bounded(
    shipping: ShippingService, make_zone: MakeZone, make_method: MakeMethod, tx: Tx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "MAX_METHODS", 1)
    zone = await make_zone()
    await make_method(zone)
    with pytest.raises(DomainError) as caught:
        await shipping.methods.create(tx, {"zone_id": zone.id, "name": "M"})
    assert refusals(caught.value) == {"TooMany zone_id"}
    with pytest.raises(ShippingZoneNotFound) as missing:
        await shipping.methods.create(tx, {"zone_id": new_id(), "name": "M"})
    assert missing.value.field == ("zone_id",)
    for action in (shipping.methods.update(tx, new_id(), {"name": "M"}), shipping.methods.delete(tx, new_id())):
        with pytest.raises(ShippingMethodNotFound):
            await action


async def test_a_method_with_a_default_profile_carries_goods_without_one(
    shipping: ShippingService, make_zone: MakeZone, make_method: MakeMethod, make_profile: MakeProfile, tx: Tx
) -> None:
    usual, furniture = await make_profile("Usual", is_default=True), await make_profile()
    zone = await make_zone()
    await make_method(zone, name="Parcel", profile_ids=[usual.id])
    await make_method(zone, name="Truck", profile_ids=[furniture.id])
    await make_method(zone, name="Both", profile_ids=[furniture.id, usual.id])

    async def names(*profiles: UUID | None) -> list[str]:
        sale = (await shipping.of_sales(tx, [None]))[None]
        return [option.name for option in sale.options(Consignment(D(1), 1, D(1), frozenset(profiles)))]

    found = [await names(None), await names(usual.id), await names(furniture.id), await names(None, furniture.id)]
    assert found == [["Parcel", "Both"], ["Parcel", "Both"], ["Truck", "Both"], ["Both"]]
    await shipping.profiles.update(tx, furniture.id, {"is_default": True})
    assert await names(None) == ["Truck", "Both"]


async def test_a_method_with_rates_and_profiles_takes_few_statements(
    shipping: ShippingService, make_zone: MakeZone, make_profile: MakeProfile, tx: Tx
) -> None:
    zone, profile = await make_zone(), await make_profile()
    new: Any = {**FULL, "zone_id": zone.id, "profile_ids": [profile.id]}
    with counting() as counter:
        method = await shipping.methods.create(tx, new)
    # The lock, the currency, the profiles, the zone, the count, the method; old and new rates, old and new profiles.
    assert counter.data == 10
    with counting() as counter:
        await shipping.methods.update(tx, method.id, {"base_price": D(1)})
    assert counter.data == 3
