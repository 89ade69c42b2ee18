"""The installation of starter rates: into the default class, once, and never beside other rates."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.errors import InvalidInput, TooMany
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.text.validation import Required
from domains.kernel.validation import ValidationErrors
from domains.tax import data
from domains.tax.models import Destination, Tax
from domains.tax.rate_files.errors import TaxRatesUninstallable
from domains.tax.service import TaxService
from domains.tax.starter.rates import InstalledRates
from tests.domains.tax.conftest import MakeClass, MakeRate

pytestmark = pytest.mark.usefixtures("invariants_hold")
Install = Callable[..., Awaitable[InstalledRates]]


@pytest.fixture
def install(tax: TaxService, database: Database, actor: Actor) -> Install:
    async def run(*countries: str) -> InstalledRates:
        return await database.run(lambda tx: tax.starter.install(tx, countries), actor)

    return run


def counted(installed: InstalledRates) -> tuple[int, int]:
    return installed.created, installed.unchanged


async def classes_of(reader: Reader) -> list[tuple[str, bool]]:
    return sorted((each.code, each.is_default) for each in await data.tax_class.find_many(reader))


async def test_a_company_without_classes_gets_one_with_the_rates(
    tax: TaxService, install: Install, reader: Reader
) -> None:
    with counting() as count:
        assert counted(await install("de", "CA", "DE")) == (18, 0)
    assert count.data == 9
    assert await classes_of(reader) == [("standard", True)]
    quebec = (await tax.of_sale(reader, Destination("CA", "QC"))).standard
    assert {(each.name, each.rate) for each in quebec} == {("GST", Decimal("0.05")), ("QST", Decimal("0.09975"))}
    assert (await tax.of_sale(reader, Destination("DE"))).standard == (Tax("VAT", Decimal("0.19")),)
    assert (await tax.of_sale(reader, Destination("CA", "ON"))).standard == (Tax("HST", Decimal("0.13")),)


async def test_a_second_run_changes_nothing(install: Install, reader: Reader) -> None:
    await install("US")
    before = sorted(map(str, await data.tax_rate.find_many(reader)))
    assert counted(await install("US", "FR")) == (1, 52)
    assert counted(await install("FR", "US")) == (0, 53)
    assert [each for each in sorted(map(str, await data.tax_rate.find_many(reader))) if each in before] == before


async def test_the_rates_go_into_the_default_class_whatever_its_code(
    install: Install, reader: Reader, make_class: MakeClass
) -> None:
    goods = await make_class("goods", is_default=True)
    await make_class("standard")
    await install("AT")
    assert await classes_of(reader) == [("goods", True), ("standard", False)]
    (rate,) = await data.tax_rate.find_many(reader)
    assert (rate.tax_class_id, rate.rate) == (goods.id, Decimal("0.2"))


async def test_a_class_of_that_code_becomes_the_default_one(
    install: Install, reader: Reader, make_class: MakeClass
) -> None:
    await make_class("standard")
    await install("AT")
    assert await classes_of(reader) == [("standard", True)]


async def test_a_rate_that_the_company_has_stays(
    install: Install, reader: Reader, make_class: MakeClass, make_rate: MakeRate
) -> None:
    own = await make_rate(await make_class("goods", is_default=True), name="vat")
    assert counted(await install("DE", "AT")) == (1, 1)
    assert await data.tax_rate.find_unique(reader, id=own.id) == own


async def test_countries_with_other_rates_are_refused_together_and_nothing_is_installed(
    install: Install, reader: Reader, make_class: MakeClass, make_rate: MakeRate
) -> None:
    goods = await make_class("goods", is_default=True)
    await make_rate(goods, "0.16")
    await make_rate(goods, "0.07", name="sales tax", country="US", province="CA")
    with pytest.raises(ValidationErrors) as caught:
        await install("AT", "de", "US")
    assert [error.field for error in caught.value.errors] == [("countries", "1"), ("countries", "2")]
    german, american = (error.message for error in caught.value.errors)
    assert german.startswith(
        "The company has the rate 0.16 of 'VAT' in DE, valid from 2026-01-01 on; the starter rate"
    )
    assert american.endswith("the starter rate is 0.0825. Change or delete it, or leave the country out.")
    assert "0.07 of 'Sales tax' in US-CA" in american
    assert await data.tax_rate.count(reader) == 2


async def test_a_country_with_spaces_around_it_is_named_by_its_place_in_the_input(
    install: Install, make_class: MakeClass, make_rate: MakeRate
) -> None:
    await make_rate(await make_class(is_default=True), "0.16")
    with pytest.raises(TaxRatesUninstallable, match="of 'VAT' in DE") as caught:
        await install("FR", " de ")
    assert caught.value.field == ("countries", "1")


async def test_two_installations_at_once_make_one_class_and_one_rate(install: Install, reader: Reader) -> None:
    outcomes = await asyncio.gather(install("DE"), install("DE"), install("DE"))
    assert sorted(each.created for each in outcomes) == [0, 0, 1]
    assert await classes_of(reader) == [("standard", True)]
    assert await data.tax_rate.count(reader) == 1


@pytest.mark.parametrize(
    ("countries", "error", "told"),
    [
        ([], Required, "at least one country"),
        (["HK"], TaxRatesUninstallable, "no starter rates of HK. Create its rates by hand"),
        (["Germany"], InvalidInput, "not a country code"),
        (["DE"] * 251, TooMany, "at most 250 countries"),
    ],
)
async def test_countries_that_cannot_be_installed_are_refused(
    install: Install, reader: Reader, countries: list[str], error: type[Any], told: str
) -> None:
    with pytest.raises(error, match=told) as caught:
        await install(*countries)
    assert caught.value.field[0] == "countries"
    assert await classes_of(reader) == []
