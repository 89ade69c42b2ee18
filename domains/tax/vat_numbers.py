"""VAT identification numbers: their normal form, and whether a number can be one of its country.

The check is of the form and the check digit. Whether a number is registered is known to the tax authority alone.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import require_text
from domains.kernel.values.countries import country_code
from domains.tax.errors import (
    VatNumberCheckDigitWrong,
    VatNumberMalformed,
    VatNumberOfAnotherCountry,
    VatNumberUnsupported,
)
from domains.tax.european_union import MEMBERS, NORTHERN_IRELAND, vat_territory

if TYPE_CHECKING:
    from stdnum.util import NumberValidationModule

MAX_LENGTH: Final = 40
"""The longest VAT number as it may be entered, with its separators."""
_SEPARATORS: Final = re.compile(r"[\s.,:\-\u2010-\u2015\u2212]+")
_WRITTEN: Final = re.compile("[0-9A-ZÑ&+*/]{2,30}")
# Prefixes that are not the code of ISO 3166-1.
_PREFIXES: Final = {"GR": "EL"}
_BY_PREFIX: Final = {_PREFIXES.get(country, country): country for country in (*MEMBERS, "GB", "CH", "NO")} | {
    NORTHERN_IRELAND: "GB"
}


def require_vat_number(number: str, country: str, *, field: Sequence[str] = ("vat_number",)) -> str:
    """The normal form of a VAT number of a country: without separators, in capitals.

    Numbers of the European Union and the United Kingdom have their prefix (DE136695976, EL094259216, XI123456782),
    whether or not it was entered; those of other countries are as the country writes them (CHE107787577MWST).
    Raises VatNumberMalformed, VatNumberCheckDigitWrong, VatNumberOfAnotherCountry, VatNumberUnsupported, Required,
    TooLong and InvalidInput.
    """
    territory = vat_territory(country_code(country))
    text = require_text(number, field=field, max_length=MAX_LENGTH)
    written = _SEPARATORS.sub("", normalized("NFKC", text).upper())
    module = _checks_of(territory)
    if module is None:
        raise VatNumberUnsupported(
            f"VAT numbers of {country} cannot be checked. Leave the VAT number empty.", field=field
        )
    _require_own_prefix(written, territory, field)
    bare = _without_prefix(written, territory)
    checked = _checked(module, bare, country, field)
    return _with_prefix(checked, written, territory)


def is_northern_irish(number: str | None) -> bool:
    """Whether a VAT number, in its normal form, is one of Northern Ireland."""
    return number is not None and number.startswith(NORTHERN_IRELAND)


def _checks_of(country: str) -> "NumberValidationModule | None":
    """The checks of the numbers of a country, None where they are not known."""
    from stdnum.util import get_cc_module  # noqa: PLC0415 - only sales with a VAT number need it

    return get_cc_module(country, "vat")


def _require_own_prefix(written: str, country: str, field: Sequence[str]) -> None:
    """Raise VatNumberOfAnotherCountry for a valid number with the prefix of another country."""
    other = _BY_PREFIX.get(written[:2], country)
    module = _checks_of(other)
    if other != country and module is not None and module.is_valid(_without_prefix(written, other)):
        raise _of_another(other, country, field)


def _checked(module: "NumberValidationModule", bare: str, country: str, field: Sequence[str]) -> str:
    from stdnum.exceptions import InvalidChecksum, ValidationError  # noqa: PLC0415 - as `_checks_of`

    if not _WRITTEN.fullmatch(bare):
        raise _malformed(country, field)
    try:
        return module.validate(bare)
    except InvalidChecksum as error:
        raise VatNumberCheckDigitWrong(
            f"The check digit of this VAT number of {country} is wrong. Compare it with the customer's document.",
            field=field,
        ) from error
    except ValidationError as error:
        other = _BY_PREFIX.get(bare[:2], country)
        raise (_malformed(country, field) if other == country else _of_another(other, country, field)) from error


def _without_prefix(written: str, country: str) -> str:
    """A number without the prefix that the Union puts before it; numbers of other countries as they are."""
    if _BY_PREFIX.get(written[:2]) != country or country not in {*MEMBERS, "GB"}:
        return written
    return written[2:]


def _with_prefix(checked: str, written: str, country: str) -> str:
    if country == "GB":
        return (NORTHERN_IRELAND if is_northern_irish(written) else "GB") + checked
    if country not in MEMBERS:
        return checked
    prefix = _PREFIXES.get(country, country)
    return prefix + checked.removeprefix(prefix)


def _malformed(country: str, field: Sequence[str]) -> VatNumberMalformed:
    return VatNumberMalformed(
        f"This is not written like a VAT number of {country}. Copy it from the customer's document.", field=field
    )


def _of_another(other: str, country: str, field: Sequence[str]) -> VatNumberOfAnotherCountry:
    return VatNumberOfAnotherCountry(
        f"This is a VAT number of {other}, and the goods are sent to {country}. "
        f"Enter the customer's number of {country}, or leave it empty.",
        field=field,
    )
