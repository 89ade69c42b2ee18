"""Settings of companies and their rules, without a database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domains.company import settings
from domains.company.models import Company
from domains.kernel.errors import DomainError
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
        ({"name": "  "}, "name", "REQUIRED"),
        ({"name": "x" * 256}, "name", "TOO_LONG"),
        ({"name": None}, "name", "REQUIRED"),
        ({"currency": None}, "currency", "REQUIRED"),
        ({"currency": "EUX"}, "currency", "INVALID"),
    ],
)
def test_an_invalid_setting_is_refused_with_its_path(changes: Any, field: str, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        settings.check_changes(changes, SHOP)
    assert (caught.value.field, caught.value.code) == ((field,), code)


def test_only_given_settings_change() -> None:
    assert settings.check_changes({}, SHOP) == {}
    assert settings.check_changes({"name": " Shop "}, SHOP) == {"name": "Shop"}


@pytest.mark.parametrize(
    ("slug", "name", "expected"),
    [(None, "Müller & Söhne", "muller-sohne"), (None, "x" * 300, "x" * 63), (" shop-2 ", "x", "shop-2")],
)
def test_a_slug_is_given_or_generated_from_the_name(slug: str | None, name: str, expected: str) -> None:
    assert settings.require_slug(slug, name) == expected


@pytest.mark.parametrize("slug", ["Shop", "a--b", "-a", "a-", "a b", "é", "a" * 64, "a\x00", "../x"])
def test_a_malformed_slug_is_refused(slug: str) -> None:
    with pytest.raises(DomainError) as caught:
        settings.require_slug(slug, "A shop")
    assert caught.value.field == ("slug",)


def test_a_name_that_yields_no_slug_requires_one() -> None:
    with pytest.raises(DomainError) as caught:
        settings.require_slug(None, "!!!")
    assert caught.value.code == "REQUIRED"
