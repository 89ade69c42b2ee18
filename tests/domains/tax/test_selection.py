"""The rates that apply to a sale, of those of its place: by day, by class, and the most specific one of each tax."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.ids import new_id
from domains.tax.models import Destination, ShippingTaxMethod, Tax, TaxRate, TaxSettings
from domains.tax.places import Place, PlaceKey, normal_postal_code, normal_province
from domains.tax.selection import is_valid, sale_taxes, taxes_by_class
from domains.tax.validation import days_overlap

COMPANY, GOODS, BOOKS, FOOD = (UUID(int=number) for number in range(1, 5))
DAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, tzinfo=UTC)
SETTINGS = TaxSettings(
    company_id=COMPANY,
    tax_rate=Decimal("0.2"),
    prices_include_tax=True,
    tax_country=None,
    tax_province=None,
    tax_postal_code=None,
    shipping_tax_method=ShippingTaxMethod.UNTAXED,
    shipping_tax_class_id=None,
    vat_number=None,
    reverse_charge_countries=[],
)


def rate(percent: str = "19", name: str = "VAT", tax_class: UUID = GOODS, **given: Any) -> TaxRate:
    values: dict[str, Any] = {
        "id": new_id(),
        "company_id": COMPANY,
        "tax_class_id": tax_class,
        "name": name,
        "country": "US",
        "province": None,
        "postal_prefix": None,
        "rate": Decimal(percent) / 100,
        "valid_from": date(2026, 1, 1),
        "valid_until": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return TaxRate(**values | given)


def settings(**given: Any) -> TaxSettings:
    return TaxSettings(**{name: getattr(SETTINGS, name) for name in TaxSettings.__slots__} | given)


def tax(percent: str, name: str = "VAT") -> Tax:
    return Tax(name, Decimal(percent) / 100)


LEVELS = [
    rate("4"),
    rate("5", province="NY"),
    rate("6", postal_prefix="1"),
    rate("7", postal_prefix="1", province="NY"),
    rate("8", postal_prefix="100"),
    rate("9", postal_prefix="100", province="NY"),
    rate("10", postal_prefix="10001"),
]


@pytest.mark.parametrize("count", range(1, len(LEVELS) + 1))
def test_the_most_specific_rate_of_a_tax_wins_in_any_order(count: int) -> None:
    for rates in permutations(LEVELS[:count][-4:]):
        assert taxes_by_class(rates) == {GOODS: (Tax("VAT", LEVELS[count - 1].rate),)}


def test_different_taxes_of_a_place_apply_together() -> None:
    rates = [rate("9.975", "QST", province="QC"), rate("5", "GST"), rate("1", "qst")]
    assert taxes_by_class(rates) == {GOODS: (tax("5", "GST"), tax("9.975", "QST"))}


def test_the_names_of_taxes_are_compared_without_case() -> None:
    assert taxes_by_class([rate("19", "VAT"), rate("7", "vat", province="NY")]) == {GOODS: (tax("7", "vat"),)}


def test_a_class_without_a_rate_has_those_of_the_default_class() -> None:
    rates = [rate("19"), rate("7", tax_class=BOOKS)]
    taxes = sale_taxes(rates, GOODS, DAY, SETTINGS)
    assert [taxes.of_class(each) for each in (GOODS, BOOKS, FOOD, None)] == [
        (tax("19"),),
        (tax("7"),),
        (tax("19"),),
        (tax("19"),),
    ]


@pytest.mark.parametrize("default", [None, FOOD])
def test_without_a_rate_of_the_default_class_the_rate_of_the_settings_applies(default: UUID | None) -> None:
    taxes = sale_taxes([rate("7", tax_class=BOOKS)], default, DAY, SETTINGS)
    assert (taxes.of_class(BOOKS), taxes.standard, taxes.of_class(FOOD)) == (
        (tax("7"),),
        (tax("20", "Tax"),),
        (tax("20", "Tax"),),
    )


def test_a_rate_of_zero_is_a_rate() -> None:
    taxes = sale_taxes([rate("19"), rate("0", tax_class=BOOKS)], GOODS, DAY, SETTINGS)
    assert taxes.of_class(BOOKS) == (tax("0"),)


@pytest.mark.parametrize(
    ("given", "shipping"),
    [
        ({"shipping_tax_method": ShippingTaxMethod.UNTAXED}, ()),
        ({"shipping_tax_method": ShippingTaxMethod.PROPORTIONAL}, None),
        ({"shipping_tax_method": ShippingTaxMethod.TAX_CLASS}, (tax("19"),)),
        ({"shipping_tax_method": ShippingTaxMethod.TAX_CLASS, "shipping_tax_class_id": BOOKS}, (tax("7"),)),
    ],
)
def test_shipping_has_no_tax_or_that_of_a_class_or_is_split_like_the_goods(given: Any, shipping: Any) -> None:
    taxes = sale_taxes([rate("19"), rate("7", tax_class=BOOKS)], GOODS, DAY, settings(**given))
    assert taxes.shipping == shipping


def test_a_rate_is_valid_from_its_first_to_its_last_day() -> None:
    half_year = rate(valid_from=date(2020, 7, 1), valid_until=date(2020, 12, 31))
    days = [date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1)]
    assert [is_valid(half_year, day) for day in days] == [False, True, True, False]
    assert sale_taxes([half_year], GOODS, DAY, SETTINGS).standard == (tax("20", "Tax"),)


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 12))
RANGES = st.tuples(DAYS, st.none() | DAYS).filter(lambda days: days[1] is None or days[0] <= days[1])


@given(one=RANGES, other=RANGES)
def test_ranges_overlap_if_one_day_is_in_both(one: Any, other: Any) -> None:
    def days(given: tuple[date, date | None]) -> set[int]:
        return set(range(given[0].toordinal(), (given[1] or date(2026, 1, 12)).toordinal() + 1))

    assert days_overlap(one, other) == bool(days(one) & days(other))


@pytest.mark.parametrize(
    ("country", "given", "normal"),
    [
        ("CA", "Québec", "QC"),
        ("CA", "quebec", "QC"),
        ("CA", "Colombie-Britannique", "BC"),
        ("CA", "qc", "QC"),
        ("CA", "CA-QC", "QC"),
        ("US", " new  york ", "NY"),
        ("US", "US-CA", "CA"),
        ("AU", "New South Wales", "NSW"),
        ("DE", "Straße", "STRASSE"),  # no codes are known of it
        ("DE", "DE-", "DE-"),
        ("", "Texas", "TEXAS"),
        ("ZZ", "Texas", "TEXAS"),
    ],
)
def test_a_province_has_one_form_in_any_case_by_name_and_code(country: str, given: str, normal: str) -> None:
    assert normal_province(given, country) == normal == normal_province(given.swapcase(), country)


@pytest.mark.parametrize(("given", "normal"), [("sw1a 1aa", "SW1A1AA"), ("10001-1234", "100011234"), (" ", "")])
def test_a_postal_code_has_letters_and_digits_only(given: str, normal: str) -> None:
    assert normal_postal_code(given) == normal


def test_a_place_has_the_rates_of_each_prefix_with_and_without_its_province() -> None:
    place = Place.of(Destination("US", "ny", "10-0"), SETTINGS)
    assert place is not None
    assert set(place.rate_places()) == {
        PlaceKey("US", province, prefix) for province in ("", "NY") for prefix in ("", "1", "10", "100")
    }


def test_a_sale_without_a_destination_is_at_the_company_s_own_place() -> None:
    assert Place.of(None, SETTINGS) is None
    own = settings(tax_country="CA", tax_province="Québec", tax_postal_code="H2X1Y4")
    assert Place.of(None, own) == Place("CA", "QC", "H2X1Y4")
