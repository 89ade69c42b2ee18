"""Numbers and boolean values in the spellings of spreadsheets of many countries."""

import re
from decimal import Decimal
from typing import Final

SPACES: Final = re.compile(r"(?<=[0-9])[\s\u00a0\u202f'\u2019](?=[0-9]{3})")
PLAIN: Final = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,8})?")
WHOLE: Final = re.compile(r"(?P<whole>-?[0-9]{1,10})(?:[.,]0{1,8})?")
# Thousands in threes, then the other mark with the decimals: 1,234.50 and 1.234,50.
GROUPED: Final = re.compile(r"[0-9]{1,3}(?P<group>[.,])[0-9]{3}(?:(?P=group)[0-9]{3})*(?P<mark>[.,])[0-9]{1,8}")
THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
MANY_GROUPS: Final = re.compile(r"[0-9]{1,3}(?P<group>[.,])[0-9]{3}(?:(?P=group)[0-9]{3})+")
COMMA: Final = re.compile(r"[0-9]{1,16},(?:[0-9]{1,2}|[0-9]{4,8})|0,[0-9]{3}")

# As spreadsheets write them: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish,
# Norwegian, Finnish, Czech, Hungarian, Romanian, Turkish, Russian, Ukrainian, Greek, Estonian, Latvian, Lithuanian,
# Catalan.
TRUE: Final = (
    "true yes y 1 wahr ja vrai oui verdadero sí si vero sì verdadeiro sim waar prawda tak sant sand sann tosi kyllä "
    "pravda igaz adevărat doğru истина істина αληθησ tõene patiess tiesa cert"
)
FALSE: Final = (
    "false no n 0 falsch nein faux non falso não onwaar nee fałsz nie falskt falsk usann epätosi ei "
    "nepravda hamis fals yanliş yanl\u0131ş ложь хибність ψευδησ väär aplams netiesa"
)
BOOLEANS: Final = dict.fromkeys(TRUE.split(), True) | dict.fromkeys(FALSE.split(), False)


def parse_decimal(text: str) -> Decimal | None:
    """The number in a text, or None when there is none or it is ambiguous (`1,500`)."""
    if PLAIN.fullmatch(text):
        return Decimal(text)
    plain = SPACES.sub("", text)
    if grouped := MANY_GROUPS.fullmatch(plain):
        plain = plain.replace(grouped["group"], "")
    elif (grouped := GROUPED.fullmatch(plain)) and grouped["group"] != grouped["mark"]:
        plain = plain.replace(grouped["group"], "").replace(grouped["mark"], ".")
    elif COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    return Decimal(plain) if PLAIN.fullmatch(plain) else None


def is_ambiguous(text: str) -> bool:
    """Whether a text may be a number of thousands as well as one with three decimals (`1,500`)."""
    return THOUSANDS.fullmatch(text) is not None


def parse_whole_number(text: str) -> int | None:
    """The whole number in a text (`3`, `-3`, `3.0`), or None."""
    match = WHOLE.fullmatch(text)
    return int(match["whole"]) if match else None


def parse_boolean(text: str) -> bool | None:
    """The boolean value of a word for yes or no in some language, or None."""
    return BOOLEANS.get(text.casefold())
