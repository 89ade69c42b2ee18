"""The shipping of the test's own company, with factories of committed zones, methods and profiles."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.settings import SettingsCache
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.invariants import INVARIANTS
from domains.shipping.models import ShippingMethod, ShippingProfile, ShippingZone, ShippingZoneType
from domains.shipping.service import ShippingService
from domains.tax.service import TaxService

MakeZone = Callable[..., Awaitable[ShippingZone]]
MakeMethod = Callable[..., Awaitable[ShippingMethod]]
MakeProfile = Callable[..., Awaitable[ShippingProfile]]


@pytest.fixture
def tax(clock: FixedClock) -> TaxService:
    """The taxes, whose settings say where the company is."""
    cache = SettingsCache(clock)
    return TaxService(CompanyService(clock, cache), cache, clock)


@pytest.fixture
def shipping(tax: TaxService, clock: FixedClock) -> ShippingService:
    """The service under test."""
    cache = SettingsCache(clock)
    return ShippingService(CompanyService(clock, cache), tax, cache, CarrierAdapters(), clock)


@pytest.fixture
def make_zone(shipping: ShippingService, database: Database, actor: Actor) -> MakeZone:
    """Makes committed zones: of the rest of the world, or of what is given."""

    async def make(name: str = "Zone", **given: Any) -> ShippingZone:
        kind = ShippingZoneType.CUSTOM if given.keys() - {"is_active"} else ShippingZoneType.REST_OF_WORLD
        new: Any = {"name": name, "type": kind, **given}
        return await database.run(lambda tx: shipping.zones.create(tx, new), actor)

    return make


@pytest.fixture
def make_method(shipping: ShippingService, database: Database, actor: Actor) -> MakeMethod:
    """Makes committed methods."""

    async def make(zone: ShippingZone, price: str = "5", **given: Any) -> ShippingMethod:
        new: Any = {"zone_id": zone.id, "name": "Standard", "base_price": Decimal(price), **given}
        return await database.run(lambda tx: shipping.methods.create(tx, new), actor)

    return make


@pytest.fixture
def make_profile(shipping: ShippingService, database: Database, actor: Actor) -> MakeProfile:
    """Makes committed profiles."""

    async def make(name: str = "Furniture", **given: Any) -> ShippingProfile:
        new: Any = {"name": name, **given}
        return await database.run(lambda tx: shipping.profiles.create(tx, new), actor)

    return make


@pytest.fixture
async def invariants_hold(owner: Any) -> Any:
    """Check the invariants of zones after the test."""
    yield
    for invariant in INVARIANTS:
        assert await owner.fetch(invariant.query) == [], invariant.rule
