"""How long gift cards are valid: by the settings, within the law of the country."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.errors import InvalidInput, OutOfRange
from domains.payment.gift_cards.errors import GiftCardExpiryForbidden, GiftCardValidityTooShort
from domains.payment.gift_cards.models import GiftCardOrigin
from domains.payment.gift_cards.validity import RULES, expiry_of, require_lawful, require_months
from tests.domains.payment.gift_cards.issuer import Issuer

SOLD = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("months", "country", "expires"),
    [
        (None, "US", None),
        (1, None, datetime(2026, 12, 31, tzinfo=UTC)),
        (3, "FR", datetime(2027, 3, 1, tzinfo=UTC)),
        (15, None, datetime(2028, 3, 1, tzinfo=UTC)),
        (36, "DE", datetime(2030, 1, 1, tzinfo=UTC)),
        (60, "US", datetime(2031, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_card_expires_at_the_end_of_a_local_day(
    months: int | None, country: str | None, expires: datetime | None
) -> None:
    assert expiry_of(months, country, "UTC", SOLD) == expires


def test_the_day_is_that_of_the_company() -> None:
    assert expiry_of(12, None, "Pacific/Auckland", SOLD) == datetime(2027, 12, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize("country", sorted(RULES))
def test_every_rule_names_its_source_and_refuses_one_month(country: str) -> None:
    error = GiftCardExpiryForbidden if RULES[country].months is None else GiftCardValidityTooShort
    with pytest.raises(error, match=r".*") as refused:
        require_months(1, country, field="gift_card_validity_months")
    assert RULES[country].source in str(refused.value)
    require_months(None, country, field="gift_card_validity_months")


@pytest.mark.parametrize("country", sorted(code for code, rule in RULES.items() if rule.months))
def test_the_shortest_validity_of_a_country_is_lawful(country: str) -> None:
    require_months(RULES[country].months, country, field="gift_card_validity_months")
    expires = expiry_of(RULES[country].months, country, "UTC", SOLD)
    assert expires is not None
    require_lawful(expires, SOLD, country, "UTC")
    with pytest.raises(GiftCardValidityTooShort) as refused:
        require_lawful(expires.replace(year=expires.year - 1), SOLD, country, "UTC")
    assert f"{expires:%Y-%m-%d}" in refused.value.message


@pytest.mark.parametrize("country", [None, "FR", "XK"])
def test_a_country_without_a_known_rule_has_no_limit(country: str | None) -> None:
    require_months(1, country, field="gift_card_validity_months")
    require_lawful(SOLD, SOLD, country, "UTC")
    assert country not in RULES


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"gift_card_validity_months": 0}, OutOfRange, "gift_card_validity_months"),
        ({"gift_card_validity_months": 601}, OutOfRange, "gift_card_validity_months"),
        ({"gift_card_country": "XX"}, InvalidInput, "gift_card_country"),
        (
            {"gift_card_country": "us", "gift_card_validity_months": 59},
            GiftCardValidityTooShort,
            "gift_card_validity_months",
        ),
        (
            {"gift_card_country": "CA", "gift_card_validity_months": 600},
            GiftCardExpiryForbidden,
            "gift_card_validity_months",
        ),
    ],
)
async def test_settings_that_the_law_refuses_are_refused(
    issuer: Issuer, changes: dict[str, Any], error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as refused:
        await issuer.do(lambda tx: issuer.payments.settings.update(tx, changes))
    assert getattr(refused.value, "field") == (field,)  # noqa: B009 - of a DomainError
    settings = await issuer.payments.settings.current(issuer.reader)
    assert (settings.gift_card_validity_months, settings.gift_card_country) == (None, None)


async def test_a_country_is_refused_whose_law_the_validity_breaks(issuer: Issuer) -> None:
    await issuer.do(lambda tx: issuer.payments.settings.update(tx, {"gift_card_validity_months": 12}))
    with pytest.raises(GiftCardValidityTooShort, match="36 months"):
        await issuer.do(lambda tx: issuer.payments.settings.update(tx, {"gift_card_country": "AU"}))


async def test_cards_that_are_given_away_may_expire_sooner_than_those_that_are_sold(
    issuer: Issuer, clock: FixedClock
) -> None:
    changes = {"gift_card_validity_months": 60, "gift_card_country": "IE"}
    await issuer.do(lambda tx: issuer.payments.settings.update(tx, changes))
    soon = clock.now().replace(year=clock.now().year + 1)
    assert (await issuer.card(expires_at=soon)).expires_at == soon
    assert (await issuer.card(origin=GiftCardOrigin.SOLD, expires_at=None)).expires_at is None
    with pytest.raises(GiftCardValidityTooShort):
        await issuer.card(origin=GiftCardOrigin.SOLD, expires_at=soon)
    sold = await issuer.card(origin=GiftCardOrigin.SOLD)
    assert sold.expires_at == expiry_of(60, "IE", "UTC", clock.now())
    with pytest.raises(GiftCardValidityTooShort):
        await issuer.do(lambda tx: issuer.payments.gift_cards.update(tx, sold.id, {"expires_at": soon}))
    with pytest.raises(OutOfRange):
        await issuer.card(expires_at=clock.now())
