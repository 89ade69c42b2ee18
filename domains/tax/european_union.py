"""The members of the European Union as the common system of value added tax knows them (Directive 2006/112/EC)."""

from typing import Final

_MEMBERS: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
MEMBERS: Final = frozenset(_MEMBERS.split())
"""ISO 3166-1 codes of the members."""
NORTHERN_IRELAND: Final = "XI"
"""The prefix of VAT numbers of Northern Ireland, which is in the Union for trade in goods."""
_TERRITORIES: Final = {"MC": "FR", "IM": "GB"}


def vat_territory(country: str) -> str:
    """The country whose VAT a country has: FR for Monaco, GB for the Isle of Man (article 7), else its own."""
    return _TERRITORIES.get(country, country)
