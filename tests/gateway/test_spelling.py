"""The spelling of the API in messages."""

import pytest

from gateway.spelling import camel, respelled


@pytest.mark.parametrize(
    ("name", "shown"), [("sku", "sku"), ("base_price", "basePrice"), ("address_line_1", "addressLine1")]
)
def test_a_name_is_spelled_in_camel_case(name: str, shown: str) -> None:
    assert camel(name) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Give `shipping_address` or `email`.", "Give `shippingAddress` or `email`."),
        ("`image_urls[2]` must be a URL.", "`imageUrls[2]` must be a URL."),
        ("Set `is_active: false` to end it.", "Set `isActive: false` to end it."),
        ("A code has parts joined by `-` or `_`.", "A code has parts joined by `-` or `_`."),
        ("There is no 'base_price' in base_price.", "There is no 'base_price' in base_price."),
        ("The code `SAVE_10` does not apply.", "The code `SAVE_10` does not apply."),
    ],
)
def test_names_in_backticks_are_respelled(text: str, shown: str) -> None:
    assert respelled(text) == shown
