"""Classes and rates that are written at the same time, with real commits."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.pagination.pages import PageArgs
from domains.tax.models import Destination, Tax, TaxClass
from domains.tax.service import TaxService
from tests.domains.tax.conftest import MakeClass, MakeRate

pytestmark = pytest.mark.usefixtures("invariants_hold")


async def outcomes(*writes: Awaitable[Any]) -> Counter[str]:
    return Counter(type(each).__name__ for each in await asyncio.gather(*writes, return_exceptions=True))


async def test_of_twenty_overlapping_rates_one_is_stored(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, reader: Reader
) -> None:
    goods = await make_class()
    writes = [make_rate(goods, valid_from=date(2026, 1, 1 + day)) for day in range(20)]
    assert await outcomes(*writes) == {"TaxRateRow": 1, "TaxRatesOverlap": 19}
    assert len((await tax.rates.find_page(reader, PageArgs(first=20))).items) == 1


async def test_of_two_rates_that_move_into_each_other_s_days_one_does(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, database: Database, actor: Actor
) -> None:
    goods = await make_class()
    first = await make_rate(goods, valid_until=date(2026, 1, 31))
    last = await make_rate(goods, valid_from=date(2026, 3, 1))

    def update(rate_id: UUID, **changes: Any) -> Awaitable[Any]:
        given: Any = changes
        return database.run(lambda tx: tax.rates.update(tx, rate_id, given), actor)

    writes = [update(first.id, valid_until=date(2026, 2, 20)), update(last.id, valid_from=date(2026, 2, 10))]
    assert await outcomes(*writes) == {"TaxRateRow": 1, "TaxRatesOverlap": 1}


@pytest.mark.parametrize("has_default", [True, False])
async def test_a_company_has_one_default_class_after_many_chose_one(
    tax: TaxService, make_class: MakeClass, database: Database, actor: Actor, reader: Reader, *, has_default: bool
) -> None:
    made = [await make_class(f"c{number}", is_default=has_default and number == 0) for number in range(6)]

    def choose(tax_class: TaxClass) -> Awaitable[Any]:
        return database.run(lambda tx: tax.classes.update(tx, tax_class.id, {"is_default": True}), actor)

    writes = [*(choose(each) for each in made), *(make_class(f"d{number}", is_default=True) for number in range(6))]
    assert await outcomes(*writes) == {"TaxClassRow": 12}
    classes = (await tax.classes.find_page(reader, PageArgs(first=20))).items
    assert Counter(each.is_default for each in classes) == {False: 11, True: 1}


async def test_a_class_is_deleted_or_gets_a_rate(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, database: Database, actor: Actor
) -> None:
    for number in range(5):
        goods = await make_class(f"c{number}")

        def delete(tax_class: TaxClass = goods) -> Awaitable[Any]:
            return database.run(lambda tx: tax.classes.delete(tx, tax_class.id), actor)

        found = await outcomes(make_rate(goods), delete())
        assert found in ({"TaxRateRow": 1, "TaxClassInUse": 1}, {"TaxClassNotFound": 1, "NoneType": 1})


async def test_a_rate_read_during_a_change_is_not_remembered(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, database: Database, actor: Actor, reader: Reader
) -> None:
    rate = await make_rate(await make_class(is_default=True))
    berlin = Destination("DE")
    async with database.transaction(actor) as tx:
        await tax.rates.update(tx, rate.id, {"rate": Decimal("0.16")})
        assert await tax.of_sale(reader, berlin) != await tax.of_sale(tx, berlin)
    assert (await tax.of_sale(reader, berlin)).standard == (Tax("VAT", Decimal("0.16")),)
