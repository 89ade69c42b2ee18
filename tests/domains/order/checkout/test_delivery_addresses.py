"""Which delivery addresses are one place for limits."""

import pytest

from domains.order.checkout.delivery_addresses import normalized_address
from domains.order.data import OrderAddressCreate

HOME: OrderAddressCreate = {
    "full_name": "Ada Lovelace",
    "address_line_1": "12 Straße des Friedens",
    "address_line_2": "Flat 3",
    "city": "Köln",
    "postal_code": "50667",
    "country": "DE",
    "phone": None,
}


@pytest.mark.parametrize(
    "given",
    [
        {"full_name": "Somebody Else", "phone": "+49 1"},
        {"address_line_1": "12, STRASSE des friedens."},
        {"address_line_1": "12 Straße des Friedens Flat 3", "address_line_2": None},
        {"address_line_2": "flat-3"},
        {"postal_code": "50 667"},
        {"city": "Cologne"},
    ],
)
def test_spellings_and_names_do_not_change_the_delivery_place(given: OrderAddressCreate) -> None:
    assert normalized_address({**HOME, **given}) == normalized_address(HOME)


@pytest.mark.parametrize(
    "given",
    [
        {"address_line_1": "13 Straße des Friedens"},
        {"address_line_2": "Flat 4"},
        {"postal_code": "50668"},
        {"country": "AT"},
    ],
)
def test_another_house_number_is_another_delivery_place(given: OrderAddressCreate) -> None:
    assert normalized_address({**HOME, **given}) != normalized_address(HOME)


def test_without_a_postal_code_the_city_identifies_the_delivery_place() -> None:
    dubai: OrderAddressCreate = {**HOME, "country": "AE", "postal_code": "", "city": "Dubai"}
    assert normalized_address({**dubai, "city": " DUBAI"}) == normalized_address(dubai)
    assert normalized_address({**dubai, "city": "Sharjah"}) != normalized_address(dubai)
