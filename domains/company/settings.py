"""The rules of a company's settings; pure, so that they are tested without a database."""

import re
from collections.abc import Mapping
from typing import Final, cast

from slugify import slugify

from domains.company.data import CompanyUpdate
from domains.company.models import Company, SettingsChanges
from domains.kernel.errors import InvalidInput
from domains.kernel.settings import Setting, check_settings
from domains.kernel.text.validation import Required, require_text
from domains.kernel.values.calendar import time_zones
from domains.kernel.values.currencies import EXPONENTS

SLUG_LENGTH: Final = 63
SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
DEFAULT_CURRENCY: Final = "EUR"


def require_currency(currency: str) -> str:
    """A currency by its code in ISO 4217. Raises InvalidInput."""
    if currency not in EXPONENTS:
        raise InvalidInput(f"{currency!r} is not a currency code of ISO 4217.", field="currency")
    return currency


def require_time_zone(name: str) -> str:
    """A time zone by its name in the IANA database. Raises InvalidInput."""
    if name not in time_zones():
        raise InvalidInput(
            "A time zone is named as in the IANA time zone database: Europe/Berlin, America/New_York or UTC.",
            field="time_zone",
        )
    return name


SETTINGS: Final[Mapping[str, Setting]] = {
    "name": Setting(lambda name, _: require_text(name, field="name")),
    "currency": Setting(lambda currency, _: require_currency(currency)),
    "time_zone": Setting(lambda name, _: require_time_zone(name)),
}


def check_changes(changes: SettingsChanges, current: Company | None = None) -> CompanyUpdate:
    """The changes as they are stored. Raises, of all settings at once, Required, TooLong and InvalidInput."""
    currency = current.currency if current else DEFAULT_CURRENCY
    return cast("CompanyUpdate", check_settings(SETTINGS, changes, current, currency))  # settings are columns


def require_slug(slug: str | None, name: str) -> str:
    """A company's slug, made from its name when none is given. Raises Required and InvalidInput."""
    result = slugify(name, max_length=SLUG_LENGTH) if slug is None else slug.strip()
    if not result:
        raise Required("Give a `slug`: none can be made from this name.", field=("slug",))
    if len(result) > SLUG_LENGTH or not SLUG.fullmatch(result):
        raise InvalidInput(
            f"A slug has 1 to {SLUG_LENGTH} lower-case letters and digits, in words joined by single hyphens.",
            field=("slug",),
        )
    return result
