"""Names, phone numbers and countries as people give them: bounded, folded for search, checked for form."""

import re
import unicodedata
from typing import Final, TypedDict

from domains.kernel.errors import InvalidInput
from domains.kernel.text import optional_text, require_text

NAME_LENGTH: Final = 100
PHONE: Final = re.compile(r"\+?[0-9][0-9 ()./-]{3,30}")
# ISO 3166-1 alpha-2, officially assigned.
_COUNTRIES: Final = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: Final = frozenset(_COUNTRIES.split())


class GivenNames(TypedDict):
    """A person's names; either may be empty."""

    first_name: str
    last_name: str


def given_name(value: str | None, field: str) -> str:
    """A first or last name, empty when there is none. Raises TooLong and InvalidInput."""
    return optional_text(value, path=("input", field), most=NAME_LENGTH) or ""


def given_names(first: str | None, last: str | None) -> GivenNames:
    """Both names. Raises TooLong and InvalidInput."""
    return {"first_name": given_name(first, "firstName"), "last_name": given_name(last, "lastName")}


def phone_number(value: str | None) -> str | None:
    """A telephone number as people write them. Raises InvalidInput for what is none."""
    number = optional_text(value, path=("input", "phone"), most=40)
    if number is not None and not PHONE.fullmatch(number):
        raise InvalidInput("This is not a telephone number; write it like +49 30 123456.", path=("input", "phone"))
    return number


def country_code(value: str) -> str:
    """A country in ISO 3166-1's two letters. Raises InvalidInput for any other."""
    code = require_text(value, path=("input", "country"), most=100).upper()
    if code not in COUNTRIES:
        raise InvalidInput("Give the country by its two letters of ISO 3166-1: DE.", path=("input", "country"))
    return code


def searchable(*parts: str) -> str:
    """The parts as one text to search in: accents and case folded."""
    return folded(" ".join(part for part in parts if part))


def folded(text: str) -> str:
    """The text without accents and case."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))
