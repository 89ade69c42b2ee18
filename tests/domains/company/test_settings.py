"""Settings and their rules, without a database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domains.company import settings
from domains.company.models import Company
from domains.kernel.errors import DomainError, ErrorCode
from domains.kernel.ids import new_id

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHOP = Company(
    id=new_id(),
    name="A shop",
    slug="a-shop",
    currency="EUR",
    time_zone="UTC",
    is_active=True,
    created_at=NOW,
    updated_at=NOW,
)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": "  "}, "name", ErrorCode.REQUIRED),
        ({"name": "x" * 256}, "name", ErrorCode.TOO_LONG),
        ({"name": None}, "name", ErrorCode.REQUIRED),
        ({"currency": None}, "currency", ErrorCode.REQUIRED),
        ({"currency": "EUX"}, "currency", ErrorCode.INVALID),
    ],
)
def test_a_setting_that_is_none_is_refused_by_its_path(changes: Any, field: str, code: ErrorCode) -> None:
    with pytest.raises(DomainError) as caught:
        settings.checked(changes, SHOP)
    assert (caught.value.field, caught.value.code) == ((field,), code)


def test_only_what_is_given_changes() -> None:
    assert settings.checked({}, SHOP) == {}
    assert settings.checked({"name": " Shop "}, SHOP) == {"name": "Shop"}


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
