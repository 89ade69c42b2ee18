"""The taxes of the test's own company, with factories of committed classes and rates."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.settings import SettingsCache
from domains.tax.invariants import INVARIANTS
from domains.tax.models import TaxClass, TaxRate
from domains.tax.service import TaxService

MakeClass = Callable[..., Awaitable[TaxClass]]
MakeRate = Callable[..., Awaitable[TaxRate]]
SetSettings = Callable[..., Awaitable[Any]]


@pytest.fixture
def tax(clock: FixedClock) -> TaxService:
    """The service under test."""
    cache = SettingsCache(clock)
    return TaxService(CompanyService(clock, cache), cache, clock)


def new_rate(tax_class_id: UUID, **given: Any) -> Any:
    """German VAT of 19 % since 2026 by default."""
    values = {"name": "VAT", "country": "DE", "rate": Decimal("0.19"), "valid_from": date(2026, 1, 1)}
    return {**values, "tax_class_id": tax_class_id, **given}


@pytest.fixture
def make_class(tax: TaxService, database: Database, actor: Actor) -> MakeClass:
    """Makes committed classes."""

    async def make(code: str = "standard", **given: Any) -> TaxClass:
        new: Any = {"code": code, "name": code.title(), **given}
        return await database.run(lambda tx: tax.classes.create(tx, new), actor)

    return make


@pytest.fixture
def make_rate(tax: TaxService, database: Database, actor: Actor) -> MakeRate:
    """Makes committed rates."""

    async def make(tax_class: TaxClass, rate: str = "0.19", **given: Any) -> TaxRate:
        new = new_rate(tax_class.id, rate=Decimal(rate), **given)
        return await database.run(lambda tx: tax.rates.create(tx, new), actor)

    return make


@pytest.fixture
def set_settings(tax: TaxService, database: Database, actor: Actor) -> SetSettings:
    """Changes the settings of the company."""

    async def change(**changes: Any) -> Any:
        return await database.run(lambda tx: tax.settings.update(tx, changes), actor)

    return change


@pytest.fixture
async def invariants_hold(owner: Any) -> Any:
    """Check the invariants of rates after the test."""
    yield
    for invariant in INVARIANTS:
        assert await owner.fetch(invariant.query) == [], invariant.rule
