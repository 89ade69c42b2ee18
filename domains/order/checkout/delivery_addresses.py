"""Delivery addresses in a normalized form, by which limits count them."""

import unicodedata

from domains.kernel.text.names import normalize_for_search
from domains.order.data import OrderAddressCreate


def normalized_address(address: OrderAddressCreate) -> str:
    """The normalized form of an address: letters and digits without accents and case, without the recipient.

    With a postal code the city is left out, because its spelling varies.
    """
    city = "" if _plain(address["postal_code"]) else address["city"]
    lines = (address["address_line_1"], address.get("address_line_2") or "")
    return "|".join((address["country"], _plain(address["postal_code"]), _plain(city), _plain(" ".join(lines))))


def _plain(text: str) -> str:
    return "".join(letter for letter in normalize_for_search(text) if unicodedata.category(letter)[0] in "LN")
