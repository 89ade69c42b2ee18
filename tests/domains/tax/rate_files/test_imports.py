"""Imports of tax rates: a whole file or nothing, repeated without effect, with few statements."""

import asyncio
import io
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.errors import DomainError
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.validation import ValidationErrors
from domains.tax import data
from domains.tax.errors import TaxRatesOverlap
from domains.tax.models import Destination, Tax
from domains.tax.rate_files.errors import TaxRateRowInvalid
from domains.tax.rate_files.export import TaxRateExport
from domains.tax.rate_files.imports import ImportedRates
from domains.tax.service import TaxService
from tests.domains.tax.conftest import MakeClass, MakeRate, new_rate
from tests.domains.tax.rate_files.rate_csv import HEADING, messages, rate_file

pytestmark = pytest.mark.usefixtures("invariants_hold")
REMEDY: Final = "Change the days of one of the two."
Load = Callable[..., Awaitable[ImportedRates]]
Stored = Callable[[], Awaitable[list[tuple[Any, ...]]]]


@pytest.fixture
def load(tax: TaxService, database: Database, actor: Actor) -> Load:
    async def run(*rows: str) -> ImportedRates:
        return await tax.imports.run(database, actor, rate_file(*rows))

    return run


@pytest.fixture
def stored(reader: Reader) -> Stored:
    """All rates, each with the time of its last change."""

    async def read() -> list[tuple[Any, ...]]:
        rates = await data.tax_rate.find_many(reader)
        return sorted((rate.country, rate.name, rate.valid_from, str(rate), rate.updated_at) for rate in rates)

    return read


async def csv_of(reader: Reader) -> bytes:
    return b"".join([chunk async for chunk in TaxRateExport().csv(reader)])


async def test_rates_are_new_changed_and_left_as_they_are(
    load: Load, reader: Reader, make_class: MakeClass, make_rate: MakeRate
) -> None:
    standard = await make_class("standard", is_default=True)
    await make_class("books")
    await make_rate(standard, "0.16", valid_until=date(2026, 6, 30))
    kept = await make_rate(standard, "0.2", country="FR")
    imported = await load(
        "standard,vat,DE,,,0.19,2026-01-01,2026-12-31",
        "standard,VAT,DE,,,0.2,2027-01-01,",
        "books,VAT,DE,,,0.07,2026-01-01,",
        "standard,GST,CA,qc,H2,0.05,2026-01-01,",
    )
    assert imported == ImportedRates(created=3, updated=1, unchanged=0)
    lines = (await csv_of(reader)).decode().split("\r\n")
    assert lines[0] == HEADING
    assert set(lines[1:-1]) == {
        "standard,vat,DE,,,0.19,2026-01-01,2026-12-31",
        "standard,VAT,DE,,,0.2,2027-01-01,",
        "books,VAT,DE,,,0.07,2026-01-01,",
        "standard,GST,CA,QC,H2,0.05,2026-01-01,",
        "standard,VAT,FR,,,0.2,2026-01-01,",
    }
    assert await data.tax_rate.find_unique(reader, id=kept.id) == kept


async def test_an_export_that_is_imported_changes_nothing(
    tax: TaxService,
    database: Database,
    actor: Actor,
    load: Load,
    stored: Stored,
    reader: Reader,
    make_class: MakeClass,
) -> None:
    await make_class("standard")
    await load(
        'standard,"Tax, local",US,New York,10001,0.08875,2026-01-01,2026-12-31',
        "standard,=VAT,DE,,,0.19,2026-01-01,",
    )
    before, content = await stored(), await csv_of(reader)
    assert await tax.imports.run(database, actor, io.BytesIO(content)) == ImportedRates(0, 0, 2)
    assert (await stored(), await csv_of(reader)) == (before, content)


async def test_the_export_of_a_company_without_rates_is_the_heading(reader: Reader) -> None:
    assert await csv_of(reader) == f"{HEADING}\r\n".encode()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            ["food,VAT,DE,,,0.07,2026-01-01,"],
            ["Line 2: There is no tax class with the code 'food'. Create it first."],
        ),
        (
            ["standard,VAT,FR,,,0.2,2026-01-01,", "standard,vat,FR,,,0.2,2026-01-01,"],
            ["Line 3: The row has the same tax, class, place and first day as that of line 2."],
        ),
        (
            ["standard,VAT,FR,,,0.2,2026-07-01,", "standard,VAT,FR,,,0.19,2026-01-01,2026-07-01"],
            ["Line 3: The rate overlaps that of line 2: of one tax, class and place only one is valid on a day."],
        ),
        (
            ["standard,VAT,DE,,,0.2,2026-06-30,"],
            [f"Line 2: The rate overlaps the stored one of 0.19 that is valid from 2026-01-01 on. {REMEDY}"],
        ),
        (
            ["standard,VAT,DE,,,0.2,2025-01-01,2026-01-01", "food,VAT,FR,,,2,2026-01-01,"],
            ['Line 3: "rate": A tax rate is a fraction from 0 to below 1: 0.19 is 19 %.'],
        ),
    ],
)
async def test_a_file_with_an_error_changes_nothing(
    load: Load, stored: Stored, make_class: MakeClass, make_rate: MakeRate, rows: list[str], told: list[str]
) -> None:
    await make_rate(await make_class("standard"))
    before = await stored()
    with pytest.raises(DomainError) as caught:
        await load(*rows)
    assert messages(caught.value) == told
    assert await stored() == before


async def test_every_overlap_is_told_in_the_order_of_lines(load: Load, make_class: MakeClass) -> None:
    await make_class("standard")
    rows = [f"standard,VAT,{country},,,0.2,2026-01-0{day}," for day in (1, 2) for country in ("NL", "BE")]
    with pytest.raises(ValidationErrors) as caught:
        await load(*rows)
    assert [message.split(":")[0] for message in messages(caught.value)] == ["Line 4", "Line 5"]


async def test_a_rate_may_follow_one_whose_end_the_same_file_states(
    load: Load, make_class: MakeClass, make_rate: MakeRate
) -> None:
    await make_rate(await make_class("standard"))
    with pytest.raises(TaxRateRowInvalid, match="overlaps the stored one"):
        await load("standard,VAT,DE,,,0.2,2027-01-01,")
    both = ("standard,VAT,DE,,,0.19,2026-01-01,2026-12-31", "standard,VAT,DE,,,0.2,2027-01-01,")
    assert await load(*both) == ImportedRates(created=1, updated=1, unchanged=0)
    assert await load(*both) == ImportedRates(created=0, updated=0, unchanged=2)


async def test_an_import_is_seen_by_sales_at_once(
    tax: TaxService, load: Load, reader: Reader, make_class: MakeClass, make_rate: MakeRate
) -> None:
    await make_rate(await make_class("standard", is_default=True), valid_from=date(2020, 1, 1))
    germany = Destination("DE")
    assert (await tax.of_sale(reader, germany)).standard == (Tax("VAT", Decimal("0.19")),)
    await load("standard,VAT,DE,,,0.16,2020-01-01,")
    assert (await tax.of_sale(reader, germany)).standard == (Tax("VAT", Decimal("0.16")),)


async def test_another_company_neither_changes_nor_sees_the_rates(
    tax: TaxService, database: Database, other_company: UUID, make_class: MakeClass, make_rate: MakeRate
) -> None:
    await make_rate(await make_class("standard"))
    with pytest.raises(TaxRateRowInvalid, match="no tax class with the code 'standard'"):
        await tax.imports.run(database, Actor.system(other_company), rate_file("standard,VAT,DE,,,0.2,2026-01-01,"))
    assert await csv_of(database.reader(other_company)) == f"{HEADING}\r\n".encode()


async def test_imports_and_a_created_rate_at_once_leave_no_overlap(
    tax: TaxService, database: Database, actor: Actor, load: Load, reader: Reader, make_class: MakeClass
) -> None:
    standard = await make_class("standard")
    created = new_rate(standard.id, rate=Decimal("0.17"), valid_from=date(2025, 6, 1))
    outcomes = await asyncio.gather(
        load("standard,VAT,DE,,,0.19,2026-01-01,"),
        load("standard,VAT,DE,,,0.16,2025-01-01,"),
        database.run(lambda tx: tax.rates.create(tx, created), actor),
        load("standard,VAT,DE,,,0.18,2026-02-01,"),
        return_exceptions=True,
    )
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(outcome, TaxRateRowInvalid | TaxRatesOverlap) for outcome in refused)
    assert await data.tax_rate.count(reader) == 1


async def test_forty_thousand_rates_are_imported_with_few_statements_and_little_memory(
    load: Load, reader: Reader, make_class: MakeClass
) -> None:
    await make_class("standard")
    rows = [f"standard,Sales tax,US,CA,{number:05},0.0{number % 90 + 10},2026-01-01," for number in range(40_000)]
    tracemalloc.start()
    with counting() as first:
        assert await load(*rows) == ImportedRates(40_000, 0, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with counting() as second:
        assert await load(*rows) == ImportedRates(0, 0, 40_000)
    # The lock of the class; for each 5,000 rows the stored rates of their places, and one insert; the event.
    assert (first.data, second.data) == (18, 9)
    assert peak < 60_000_000, peak
    assert await data.tax_rate.count(reader) == 40_000
