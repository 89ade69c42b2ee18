"""Tax rates of a company: what is refused, what sales have, and how many statements it takes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import errors_of
from domains.tax import rate_lookup
from domains.tax.errors import TaxClassNotFound, TaxRateNotFound, TaxRatesOverlap
from domains.tax.events import TaxRateCreated, TaxRateDeleted, TaxRateUpdated
from domains.tax.models import Destination, Tax, Taxes, TaxRateFilter
from domains.tax.service import TaxService
from tests.domains.tax.conftest import MakeClass, MakeRate, SetSettings, new_rate

BERLIN, MONTREAL, TORONTO = Destination("DE"), Destination("CA", "qc", "H2X 1Y4"), Destination("CA", "ON", "M5H 2N2")
MANHATTAN = Destination("US", "NY", "10001-1234")


async def standard(tax: TaxService, reader: Reader, destination: Destination | None) -> Taxes:
    return (await tax.of_sale(reader, destination)).standard


async def test_goods_have_the_taxes_of_their_class_where_they_are_sent(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, reader: Reader
) -> None:
    goods, books = await make_class(is_default=True), await make_class("books")
    for tax_class, percent in ((goods, "0.19"), (books, "0.07")):
        await make_rate(tax_class, percent)
    await make_rate(goods, "0.05", name="GST", country="ca")
    await make_rate(goods, "0.09975", name="QST", country="CA", province="QC")
    await make_rate(books, "0.05", name="GST", country="CA")
    vat, reduced = Tax("VAT", Decimal("0.19")), Tax("VAT", Decimal("0.07"))
    gst, qst = Tax("GST", Decimal("0.05")), Tax("QST", Decimal("0.09975"))
    taxes = await tax.of_sales(reader, [BERLIN, MONTREAL, TORONTO])
    assert [(each.standard, each.of_class(books.id)) for each in taxes.values()] == [
        ((vat,), (reduced,)),
        ((gst, qst), (gst,)),
        ((gst,), (gst,)),
    ]


async def test_a_company_without_rates_has_the_rate_of_its_settings_everywhere(
    tax: TaxService, set_settings: SetSettings, reader: Reader
) -> None:
    await set_settings(tax_rate=Decimal("0.2"))
    taxes = await tax.of_sales(reader, [None, BERLIN, MONTREAL])
    assert {each.standard for each in taxes.values()} == {(Tax("Tax", Decimal("0.2")),)}
    assert {(each.shipping, each.exemption, len(each.classes)) for each in taxes.values()} == {((), None, 0)}


async def test_without_a_destination_the_place_of_the_company_counts(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, set_settings: SetSettings, reader: Reader
) -> None:
    await make_rate(await make_class(is_default=True), "0.19")
    assert await standard(tax, reader, None) == (Tax("Tax", Decimal(0)),)
    await set_settings(tax_country="de")
    assert await standard(tax, reader, None) == (Tax("VAT", Decimal("0.19")),)


async def test_a_rate_begins_and_ends_at_midnight_of_the_company(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, reader: Reader, owner: Any, clock: FixedClock
) -> None:
    await owner.execute("update companies set time_zone = 'Asia/Tokyo' where id = $1", reader.company_id)
    goods = await make_class(is_default=True)
    await make_rate(goods, "0.08", valid_until=date(2026, 9, 30))
    await make_rate(goods, "0.1", valid_from=date(2026, 10, 1))
    found = []
    for moment in ("2026-09-30T14:59:59.999999", "2026-09-30T15:00:00"):
        clock.at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        found.append((await standard(tax, reader, BERLIN))[0].rate)
    assert found == [Decimal("0.08"), Decimal("0.1")]


INVALID: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "over 100 %": ({"rate": Decimal("1.19")}, [("OutOfRange", "rate")]),
    "exactly 100 %": ({"rate": Decimal(1)}, [("OutOfRange", "rate")]),
    "seven decimals": ({"rate": Decimal("0.1234567")}, [("TooManyDecimals", "rate")]),
    "no country": ({"country": "ZZ"}, [("InvalidInput", "country")]),
    "a province of no country": ({"country": "ZZ", "province": "BY"}, [("InvalidInput", "country")]),
    "no name": ({"name": " "}, [("Required", "name")]),
    "a long name": ({"name": "x" * 51}, [("TooLong", "name")]),
    "ends before it begins": ({"valid_until": date(2025, 12, 31)}, [("RangeInverted", "valid_until")]),
    "no postal code": ({"postal_prefix": "--"}, [("InvalidInput", "postal_prefix")]),
    "a long prefix": ({"postal_prefix": "12345678901"}, [("InvalidInput", "postal_prefix")]),
    "everything": (
        {"name": None, "country": None, "rate": None},
        [("Required", "name"), ("Required", "country"), ("Required", "rate")],
    ),
}


@pytest.mark.parametrize("case", INVALID)
async def test_invalid_rates_are_refused_with_all_fields(
    tax: TaxService, make_class: MakeClass, tx: Tx, case: str
) -> None:
    given, expected = INVALID[case]
    goods = await make_class()
    with pytest.raises(DomainError) as caught:
        await tax.rates.create(tx, new_rate(goods.id, **given))
    assert [(type(each).__name__, *each.field) for each in errors_of(caught.value)] == expected
    assert tx.events == []


async def test_a_rate_of_an_unknown_class_is_refused(tax: TaxService, tx: Tx) -> None:
    with pytest.raises(TaxClassNotFound) as caught:
        await tax.rates.create(tx, new_rate(new_id()))
    assert caught.value.field == ("tax_class_id",)


OVERLAPS: dict[str, tuple[dict[str, Any], bool]] = {
    "the same": ({}, True),
    "another case of the name": ({"name": "vat"}, True),
    "another case of the province": ({"province": "bY"}, True),
    "another spelling of the prefix": ({"postal_prefix": "8 0-3"}, True),
    "the last day": ({"valid_from": date(2026, 6, 30)}, True),
    "the first day": ({"valid_from": date(2025, 1, 1), "valid_until": date(2026, 1, 1)}, True),
    "the day after": ({"valid_from": date(2026, 7, 1), "valid_until": None}, False),
    "the day before": ({"valid_from": date(2025, 1, 1), "valid_until": date(2025, 12, 31)}, False),
    "another tax": ({"name": "City tax"}, False),
    "another country": ({"country": "AT"}, False),
    "the whole country": ({"province": None}, False),
    "another prefix": ({"postal_prefix": "80"}, False),
}


@pytest.mark.parametrize("case", OVERLAPS)
async def test_rates_of_one_tax_class_and_place_do_not_overlap(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, tx: Tx, case: str
) -> None:
    given, overlaps = OVERLAPS[case]
    bavaria = {"province": "BY", "postal_prefix": "803", "valid_until": date(2026, 6, 30)}
    other = await make_rate(await make_class(), **bavaria)
    new = new_rate(other.tax_class_id, **bavaria | given)
    if not overlaps:
        assert (await tax.rates.create(tx, new)).tax_class_id == other.tax_class_id
        return
    with pytest.raises(TaxRatesOverlap, match=f"id {other.id} is valid from 2026-01-01 to 2026-06-30") as caught:
        await tax.rates.create(tx, new)
    assert (caught.value.field, caught.value.other.id, tx.events) == (("valid_from",), other.id, [])


async def test_rates_of_two_classes_may_be_of_one_tax_place_and_day(
    make_class: MakeClass, make_rate: MakeRate
) -> None:
    assert len({(await make_rate(await make_class(code))).id for code in ("standard", "books")}) == 2


async def test_a_rate_changes_and_may_keep_its_own_days(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, tx: Tx
) -> None:
    rate = await make_rate(await make_class())
    assert await tax.rates.update(tx, rate.id, {"rate": Decimal("0.190")}) == rate
    changed = await tax.rates.update(tx, rate.id, {"rate": Decimal("0.16"), "valid_until": date(2026, 12, 31)})
    assert (changed.rate, changed.valid_from, changed.valid_until) == (
        Decimal("0.160000"),
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    await tax.rates.delete(tx, rate.id)
    ids = {"tax_rate_id": rate.id, "tax_class_id": rate.tax_class_id}
    assert tx.events == [TaxRateUpdated(**ids, changed=["rate", "valid_until"]), TaxRateDeleted(**ids)]
    with pytest.raises(TaxRateNotFound):
        await tax.rates.update(tx, rate.id, {})


async def test_a_change_into_the_days_of_another_rate_is_refused(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, tx: Tx
) -> None:
    goods = await make_class()
    await make_rate(goods, valid_until=date(2026, 6, 30))
    later = await make_rate(goods, valid_from=date(2026, 7, 1))
    with pytest.raises(TaxRatesOverlap):
        await tax.rates.update(tx, later.id, {"valid_from": date(2026, 6, 30)})


async def test_the_first_day_of_a_new_rate_is_today_in_the_company(
    tax: TaxService, make_class: MakeClass, tx: Tx, clock: FixedClock
) -> None:
    goods = await make_class()
    rate = await tax.rates.create(tx, new_rate(goods.id, valid_from=None))
    assert (rate.valid_from, tx.events) == (
        clock.now().date(),
        [TaxRateCreated(tax_rate_id=rate.id, tax_class_id=goods.id)],
    )


async def test_rates_are_listed_by_class_place_day_and_name(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, reader: Reader
) -> None:
    goods, books = await make_class(), await make_class("books")
    past = await make_rate(goods, valid_until=date(2026, 6, 30))
    bavaria = await make_rate(books, "0.07", province="Bavaria")
    gst = await make_rate(goods, name="GST", country="CA")

    async def found(**given: Any) -> list[UUID]:
        page = await tax.rates.find_page(reader, PageArgs(first=10), TaxRateFilter(**given))
        return [rate.id for rate in page.items]

    assert await found() == [gst.id, bavaria.id, past.id]
    assert await found(tax_class_id=goods.id) == [gst.id, past.id]
    assert await found(country="de") == [bavaria.id, past.id]
    assert await found(province="bavaria") == [bavaria.id]
    assert await found(country="ZZ", province="bavaria") == []
    assert await found(valid_on=date(2026, 7, 1)) == [gst.id, bavaria.id]
    assert await found(search="gs") == [gst.id]


@pytest.fixture(params=["few rates", "many rates"])
def table_size(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A company whose rates are remembered as a whole, or by place."""
    if request.param == "many rates":
        monkeypatch.setattr(rate_lookup, "MOST_RATES", 1)
    return str(request.param)


async def test_cold_sales_take_one_statement_and_warm_ones_none(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, reader: Reader, clock: FixedClock, table_size: str
) -> None:
    goods = await make_class(is_default=True)
    for percent, place in {"0.04": {}, "0.08": {"province": "NY"}, "0.09": {"postal_prefix": "100"}}.items():
        await make_rate(goods, percent, name="Sales tax", country="US", **place)
    await tax.settings.current(reader)
    counts, rates = [], []
    for destinations in ([MANHATTAN, BERLIN], [BERLIN, None, MANHATTAN], [MANHATTAN, TORONTO], [TORONTO]):
        with counting() as count:
            taxes = await tax.of_sales(reader, destinations)
        counts.append(count.data)
        rates.append([taxes[each].standard[0].rate for each in destinations])
    assert counts == ([1, 0, 0, 0] if table_size == "few rates" else [1, 0, 1, 0])
    nine, none = Decimal("0.09"), Decimal(0)
    assert rates == [[nine, none], [none, none, nine], [nine, none], [none]]
    clock.advance(timedelta(seconds=6))
    with counting() as later:
        await tax.of_sale(reader, MANHATTAN)
    assert later.data == 2  # the settings and the rates


async def test_a_change_is_seen_at_once_by_its_transaction_and_after_the_commit_by_others(
    tax: TaxService,
    make_class: MakeClass,
    make_rate: MakeRate,
    reader: Reader,
    database: Database,
    actor: Actor,
    table_size: str,
) -> None:
    rate = await make_rate(await make_class(is_default=True))
    await make_rate(await make_class("books"))

    async def shown(db: Reader) -> Decimal:
        return (await standard(tax, db, BERLIN))[0].rate

    assert await shown(reader) == Decimal("0.19")
    async with database.transaction(actor) as tx:
        await tax.rates.update(tx, rate.id, {"rate": Decimal("0.16")})
        assert (await shown(tx), await shown(reader)) == (Decimal("0.16"), Decimal("0.19"))
    assert (await shown(reader), table_size != "") == (Decimal("0.16"), True)


async def test_remembered_places_are_bounded_and_stay_right(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_lookup, "MOST_RATES", 1)
    monkeypatch.setattr(rate_lookup, "MOST_PLACES", 3)
    goods = await make_class(is_default=True)
    for country, percent in (("DE", "0.19"), ("AT", "0.2"), ("FR", "0.2")):
        await make_rate(goods, percent, country=country)
    for _ in range(2):
        for country, percent in (("DE", "0.19"), ("AT", "0.2"), ("CH", "0"), ("FR", "0.2"), ("IT", "0")):
            taxes = await tax.of_sales(reader, [Destination(country), BERLIN])
            assert next(each.standard[0].rate for each in taxes.values()) == Decimal(percent)
            assert taxes[BERLIN].standard == (Tax("VAT", Decimal("0.19")),)


async def test_another_company_has_none_of_the_rates(
    tax: TaxService,
    make_class: MakeClass,
    make_rate: MakeRate,
    database: Database,
    other_company: UUID,
) -> None:
    rate = await make_rate(await make_class(is_default=True))
    other = database.reader(other_company)
    assert await standard(tax, other, BERLIN) == (Tax("Tax", Decimal(0)),)
    with pytest.raises(TaxRateNotFound):
        await tax.rates.find(other, rate.id)
