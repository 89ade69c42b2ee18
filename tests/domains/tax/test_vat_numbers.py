"""VAT numbers: their normal form, and the error of each number that cannot be one of its country."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.text.validation import Required, TooLong
from domains.kernel.values.countries import COUNTRIES
from domains.tax.errors import (
    VatNumberCheckDigitWrong,
    VatNumberMalformed,
    VatNumberOfAnotherCountry,
    VatNumberUnsupported,
)
from domains.tax.european_union import MEMBERS
from domains.tax.vat_numbers import require_vat_number

OF_MEMBERS: Final = {
    "AT": "ATU13585627",
    "BE": "BE0428759497",
    "BG": "BG175074752",
    "CY": "CY10259033P",
    "CZ": "CZ25123891",
    "DE": "DE136695976",
    "DK": "DK13585628",
    "EE": "EE100594102",
    "ES": "ESB64717838",
    "FI": "FI20774740",
    "FR": "FR23334175221",
    "GR": "EL094259216",
    "HR": "HR33392005961",
    "HU": "HU12892312",
    "IE": "IE6433435F",
    "IT": "IT00743110157",
    "LT": "LT119511515",
    "LU": "LU15027442",
    "LV": "LV40003521600",
    "MT": "MT11679112",
    "NL": "NL004495445B01",
    "PL": "PL8567346215",
    "PT": "PT501964843",
    "RO": "RO18547290",
    "SE": "SE123456789701",
    "SI": "SI50223054",
    "SK": "SK2022749619",
}


def test_there_is_a_number_of_each_member() -> None:
    assert OF_MEMBERS.keys() == MEMBERS


@pytest.mark.parametrize(("country", "number"), OF_MEMBERS.items())
def test_a_number_of_a_member_has_its_prefix_whether_or_not_it_was_entered(country: str, number: str) -> None:
    assert require_vat_number(number, country) == number
    assert require_vat_number(number[2:], country) == number
    assert require_vat_number(f" {number[:2].lower()} {number[2:5]}.{number[5:7]}-{number[7:]} ", country) == number


@pytest.mark.parametrize(("country", "number"), OF_MEMBERS.items())
def test_a_number_of_a_member_is_refused_in_each_other_country(country: str, number: str) -> None:
    for other in MEMBERS - {country} | {"GB", "CH", "NO"}:
        with pytest.raises(VatNumberOfAnotherCountry, match=f"is a VAT number of {country}, .* sent to {other}"):
            require_vat_number(number, other)


@pytest.mark.parametrize(
    ("country", "entered", "stored"),
    [
        ("GB", "980 7806 84", "GB980780684"),
        ("GB", "XI 980 7806 84", "XI980780684"),
        ("IM", "GB980780684", "GB980780684"),
        ("MC", "FR 53 0000 04605", "FR53000004605"),
        ("GR", "GR 094259216", "EL094259216"),
        ("CH", "CHE-107.787.577 MWST", "CHE107787577MWST"),
        ("NO", "NO 995 525 828 MVA", "995525828MVA"),
        ("AU", "83 914 571 673", "83914571673"),
        ("MX", "GODE 561231 GR8", "GODE561231GR8"),
        ("DE", "\uff11\uff13\uff16\uff16\uff19\uff15\uff19\uff17\uff16", "DE136695976"),
        ("de", "136695976", "DE136695976"),
    ],
)
def test_a_number_is_stored_in_the_normal_form_of_its_country(country: str, entered: str, stored: str) -> None:
    assert require_vat_number(entered, country) == stored


@pytest.mark.parametrize(
    ("country", "number", "error", "message"),
    [
        ("DE", "DE136695978", VatNumberCheckDigitWrong, "check digit of this VAT number of DE is wrong"),
        ("DE", "DE13669597", VatNumberMalformed, "not written like a VAT number of DE"),
        ("DE", "DE13669597A", VatNumberMalformed, "not written like a VAT number of DE"),
        ("DE", "<script>", VatNumberMalformed, "not written like a VAT number of DE"),
        ("DE", "FR123", VatNumberOfAnotherCountry, "of FR, and the goods are sent to DE"),
        ("IE", "XI980780684", VatNumberOfAnotherCountry, "of GB, and the goods are sent to IE"),
        ("US", "12-3456789", VatNumberUnsupported, r"VAT numbers of US cannot be checked\. Leave .* empty"),
        ("DE", " ", Required, "must not be empty"),
        ("DE", "1" * 41, TooLong, "41 characters"),
        ("DE", "1\x00", InvalidInput, "not text"),
    ],
)
def test_a_number_that_cannot_be_one_of_its_country_is_refused_with_the_reason(
    country: str, number: str, error: type[DomainError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        require_vat_number(number, country, field=("input", "vat_number"))
    assert type(caught.value) is error
    assert caught.value.field == ("input", "vat_number")


def test_a_country_that_does_not_exist_is_refused_by_its_own_field() -> None:
    with pytest.raises(InvalidInput, match="not a country code") as caught:
        require_vat_number("DE136695976", "ZZ")
    assert caught.value.field == ("country",)


@given(
    number=st.text(max_size=45) | st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ&+*/ -.", min_size=2, max_size=20),
    country=st.sampled_from(sorted(COUNTRIES)),
)
def test_any_text_has_a_stable_normal_form_or_is_an_error_of_the_input(number: str, country: str) -> None:
    try:
        stored = require_vat_number(number, country)
    except DomainError:
        return
    assert require_vat_number(stored, country) == stored
