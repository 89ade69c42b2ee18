"""Which sales have no tax because of who buys."""

from collections.abc import Collection
from typing import Final

from domains.tax.european_union import MEMBERS, vat_territory
from domains.tax.models import Destination, TaxExemption
from domains.tax.places import normal_postal_code
from domains.tax.vat_numbers import is_northern_irish

NORTHERN_IRISH_POSTAL_AREA: Final = "BT"


def exemption_of(
    destination: Destination | None, *, seller_country: str | None, reverse_charge_countries: Collection[str] = ()
) -> TaxExemption | None:
    """Why a sale has no tax, None for one that is taxed.

    A customer with a VAT number of the destination owes the tax when the goods go from one member of the European
    Union to another (Directive 2006/112/EC, articles 138 and 196), or to one of `reverse_charge_countries`, where the
    seller declares to have no tax to charge. A sale within the seller's country is never exempt, and none is while
    that country is not known.
    """
    if destination is None or destination.vat_number is None or seller_country is None:
        return None
    arrival, departure = vat_territory(destination.country), vat_territory(seller_country)
    if arrival == departure:
        return None
    arrives_in_union = arrival in MEMBERS or _is_sale_to_northern_ireland(destination)
    is_within_union = departure in MEMBERS and arrives_in_union
    if is_within_union or destination.country in reverse_charge_countries:
        return TaxExemption.REVERSE_CHARGE
    return None


def _is_sale_to_northern_ireland(destination: Destination) -> bool:
    """Whether goods go to a company in Northern Ireland: its number alone is that of the whole United Kingdom."""
    is_there = normal_postal_code(destination.postal_code or "").startswith(NORTHERN_IRISH_POSTAL_AREA)
    return is_there and is_northern_irish(destination.vat_number)
