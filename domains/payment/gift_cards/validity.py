"""How long gift cards are valid: the company's setting, within what the law of its country allows.

The laws are about cards that are sold. A card that is given away may expire at any time.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.prisma.statements import Statement
from domains.kernel.values.calendar import LocalTime, local_day
from domains.payment import data
from domains.payment.gift_cards.errors import GiftCardExpiryForbidden, GiftCardValidityTooShort

MOST_MONTHS: Final = 600
MONTHS: Final = 12
# A refund to a card may be spent for this time at least.
TIME_AFTER_REFUND: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ValidityRule:
    """The shortest validity that a country's law allows, in months from the sale; None where no card may expire.

    `to_years_end`: the time runs to the end of the year in which the months are over. `source` names the law.
    """

    months: int | None
    source: str
    to_years_end: bool = False


# Countries whose rule is certain. Others have none here, which does not mean that there is none.
RULES: Final[Mapping[str, ValidityRule]] = {
    "AU": ValidityRule(36, "Australian Consumer Law, section 99B"),
    "CA": ValidityRule(None, "consumer protection laws of the provinces, such as O. Reg. 187/07 in Ontario"),
    "DE": ValidityRule(36, "sections 195 and 199 BGB", to_years_end=True),
    "IE": ValidityRule(60, "Consumer Protection (Gift Vouchers) Act 2019"),
    "NZ": ValidityRule(36, "Fair Trading (Gift Card Expiry) Amendment Act 2024"),
    "US": ValidityRule(60, "15 U.S.C. 1693l-1, Credit CARD Act of 2009"),
}


def require_months(months: int | None, country: str | None, *, field: str) -> None:
    """Raise GiftCardExpiryForbidden or GiftCardValidityTooShort for a setting that the country's law refuses."""
    rule = RULES.get(country or "")
    if months is None or rule is None:
        return
    if rule.months is None:
        raise GiftCardExpiryForbidden(rule.source, field=(field,))
    if months < rule.months:
        raise GiftCardValidityTooShort(rule.months, rule.source, field=(field,))


def require_lawful(expires_at: datetime, sold_at: datetime, country: str | None, time_zone: str) -> None:
    """Raise as `require_months` for the expiry of a card that was sold at a time."""
    rule = RULES.get(country or "")
    if rule is None:
        return
    if rule.months is None:
        raise GiftCardExpiryForbidden(rule.source, field=("expires_at",))
    least = _last_day(sold_at, rule.months, time_zone, to_years_end=rule.to_years_end)
    if expires_at < _end_of(least, time_zone):
        raise GiftCardValidityTooShort(least + timedelta(days=1), rule.source, field=("expires_at",))


def expiry_of(months: int | None, country: str | None, time_zone: str, now: datetime) -> datetime | None:
    """When a card that is issued now expires by the settings: the end of a local day; None for never."""
    if months is None:
        return None
    rule = RULES.get(country or "")
    to_years_end = rule is not None and rule.to_years_end
    return _end_of(_last_day(now, months, time_zone, to_years_end=to_years_end), time_zone)


def extension(tx: Tx, card_id: UUID, now: datetime) -> Statement:
    """The write that lets a card be spent for 90 days more, which got a refund and has less time or has expired."""
    until = now + TIME_AFTER_REFUND
    where: data.GiftCardWhere = {"id": card_id, "expires_at": {"lt": until}}
    return data.gift_card.alteration(tx, where=where, data={"expires_at": until, "swept_at": None})


def _last_day(moment: datetime, months: int, time_zone: str, *, to_years_end: bool) -> date:
    """The local day after some months, the last one of a shorter month, or the end of its year."""
    day = local_day(moment, time_zone)
    years, month = divmod(day.month - 1 + months, MONTHS)
    year = day.year + years
    if to_years_end:
        return date(year, MONTHS, 31)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end_of(day: date, time_zone: str) -> datetime:
    return LocalTime(datetime.combine(day, time()), is_day=True).in_zone(time_zone, is_end=True)
