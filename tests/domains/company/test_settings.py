"""Settings and their rules, without a database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.company import settings
from domains.company.models import Company, SettingsChanges
from domains.kernel.errors import DomainError, ErrorCode
from domains.kernel.ids import new_id

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHOP = Company(
    id=new_id(),
    name="A shop",
    slug="a-shop",
    currency="EUR",
    tax_rate=Decimal("0.19"),
    prices_include_tax=True,
    flat_shipping=Decimal("4.99"),
    free_shipping_threshold=Decimal(50),
    order_number_pattern="{number}",
    time_zone="UTC",
    unit_price_decimals=None,
    accept_unpaid_up_to=None,
    guest_checkout=True,
    max_order_units=1_000,
    max_order_lines=100,
    max_line_units=999,
    max_order_value=None,
    payment_minutes=30,
    acceptance_hours=72,
    max_unpaid_orders=20,
    is_active=True,
    created_at=NOW,
    updated_at=NOW,
)


@given(rate=st.decimals(0, Decimal("0.999999"), places=6))
def test_a_tax_rate_is_a_fraction_below_one(rate: Decimal) -> None:
    assert settings.require_tax_rate(rate) == rate


@pytest.mark.parametrize("rate", ["-0.01", "1", "19", "0.1234567", "NaN", "sNaN", "Infinity", "1E-400"])
def test_a_tax_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(DomainError, match=r"0\.19 is 19 %") as caught:
        settings.require_tax_rate(Decimal(rate))
    assert caught.value.field == ("tax_rate",)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": "  "}, "name", ErrorCode.REQUIRED),
        ({"name": "x" * 256}, "name", ErrorCode.TOO_LONG),
        ({"name": None}, "name", ErrorCode.REQUIRED),
        ({"currency": None}, "currency", ErrorCode.REQUIRED),
        ({"currency": "EUX"}, "currency", ErrorCode.INVALID),
        ({"tax_rate": None}, "tax_rate", ErrorCode.REQUIRED),
        ({"prices_include_tax": None}, "prices_include_tax", ErrorCode.REQUIRED),
        ({"flat_shipping": None}, "flat_shipping", ErrorCode.REQUIRED),
        ({"flat_shipping": Decimal(-1)}, "flat_shipping", ErrorCode.INVALID),
        ({"flat_shipping": Decimal("4.999")}, "flat_shipping", ErrorCode.INVALID),
        ({"free_shipping_threshold": Decimal("0.001")}, "free_shipping_threshold", ErrorCode.INVALID),
        ({"order_number_pattern": "{year}"}, "order_number_pattern", ErrorCode.INVALID),
        ({"guest_checkout": None}, "guest_checkout", ErrorCode.REQUIRED),
        ({"accept_unpaid_up_to": Decimal("0.001")}, "accept_unpaid_up_to", ErrorCode.INVALID),
        ({"accept_unpaid_up_to": Decimal(-1)}, "accept_unpaid_up_to", ErrorCode.INVALID),
        ({"max_order_value": Decimal(0)}, "max_order_value", ErrorCode.INVALID),
        ({"max_order_units": 0}, "max_order_units", ErrorCode.INVALID),
        ({"max_order_units": 10_000_001}, "max_order_units", ErrorCode.INVALID),
        ({"max_order_lines": 1_001}, "max_order_lines", ErrorCode.INVALID),
        ({"max_line_units": 0}, "max_line_units", ErrorCode.INVALID),
        ({"payment_minutes": 4}, "payment_minutes", ErrorCode.INVALID),
        ({"acceptance_hours": 721}, "acceptance_hours", ErrorCode.INVALID),
        ({"max_unpaid_orders": 0}, "max_unpaid_orders", ErrorCode.INVALID),
    ],
)
def test_a_setting_that_is_none_is_refused_by_its_path(changes: Any, field: str, code: ErrorCode) -> None:
    with pytest.raises(DomainError) as caught:
        settings.checked(changes, SHOP)
    assert (caught.value.field, caught.value.code) == ((field,), code)


def test_only_what_is_given_changes() -> None:
    assert settings.checked({}, SHOP) == {}
    assert settings.checked({"name": " Shop "}, SHOP) == {"name": "Shop"}
    assert settings.checked({"free_shipping_threshold": None}, SHOP) == {"free_shipping_threshold": None}


def test_amounts_that_stay_must_fit_the_new_currency() -> None:
    with pytest.raises(DomainError, match="JPY has at most 0 decimal places") as caught:
        settings.checked({"currency": "JPY"}, SHOP)
    assert caught.value.field == ("flat_shipping",)
    changes: SettingsChanges = {"currency": "JPY", "flat_shipping": Decimal(500)}
    assert settings.checked(changes, SHOP) == {
        "currency": "JPY",
        "flat_shipping": Decimal(500),
        "free_shipping_threshold": Decimal(50),
    }


@pytest.mark.parametrize(
    ("slug", "name", "expected"),
    [(None, "Müller & Söhne", "muller-sohne"), (None, "x" * 300, "x" * 63), (" shop-2 ", "x", "shop-2")],
)
def test_a_slug_is_given_or_made_from_the_name(slug: str | None, name: str, expected: str) -> None:
    assert settings.require_slug(slug, name) == expected


@pytest.mark.parametrize("slug", ["Shop", "a--b", "-a", "a-", "a b", "é", "a" * 64, "a\x00", "../x"])
def test_a_slug_that_no_address_could_hold_is_refused(slug: str) -> None:
    with pytest.raises(DomainError) as caught:
        settings.require_slug(slug, "A shop")
    assert caught.value.field == ("slug",)


def test_a_name_that_makes_no_slug_asks_for_one() -> None:
    with pytest.raises(DomainError) as caught:
        settings.require_slug(None, "!!!")
    assert caught.value.code is ErrorCode.REQUIRED
