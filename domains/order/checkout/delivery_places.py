"""Where orders are sent, as limits count it: one text for an address, however it is spelt."""

import unicodedata

from domains.kernel.text.names import normalize_for_search
from domains.order.data import OrderAddressCreate


def place_of(address: OrderAddressCreate) -> str:
    """The place behind an address: its letters and digits without accents and case, without who lives there.

    The town says nothing beside a postal code and is spelt in many ways, so it counts where there is none.
    """
    town = "" if _plain(address["postal_code"]) else address["city"]
    lines = (address["address_line_1"], address.get("address_line_2") or "")
    return "|".join((address["country"], _plain(address["postal_code"]), _plain(town), _plain(" ".join(lines))))


def _plain(text: str) -> str:
    return "".join(letter for letter in normalize_for_search(text) if unicodedata.category(letter)[0] in "LN")
