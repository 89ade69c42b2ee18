"""The settings of notifications and their rules."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from domains.auth.emails.addresses import normalize_email
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput, TooMany
from domains.kernel.settings import Setting, SettingsCache, SettingsTable, number_between
from domains.kernel.text.validation import TEXT_LENGTH, Required, optional_text
from domains.notification import data
from domains.notification.events import NotificationSettingsUpdated
from domains.notification.models import NotificationSettings
from domains.notification.preferences.quiet_hours import require_time
from domains.order.invoices.languages import require_language

COLOR: Final = re.compile(r"#[0-9a-f]{6}")
MOST_STAFF: Final = 20
URL_LENGTH: Final = 2_000
NAME_LENGTH: Final = 100
MOST_REMINDERS: Final = 3
LATEST_REMINDER: Final = 720
"""The hours after the last change of a cart, at most."""


def require_web_address(value: str, field: str) -> str:
    """An address of the web (http or https) as it was given. Raises InvalidInput for anything else."""
    is_safe = len(value) <= URL_LENGTH and not re.search(r"[\s\x00-\x1f\x7f-\x9f\"'<>\\]", value)
    if not is_safe or not _is_address(value):
        raise InvalidInput("Give an address that begins with https://.", field=(field,))
    return value


def _url(name: str) -> Callable[[str, str], str]:
    return lambda value, _currency: require_web_address(value, name)


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:  # brackets or a port that are none, or a host that others read as another one
        return False


def _color(value: str, _currency: str) -> str:
    if not COLOR.fullmatch(value.lower()):
        raise InvalidInput("Give a colour as # and six hexadecimal digits, such as #1f2937.", field=("brand_color",))
    return value.lower()


def _staff(value: Sequence[str], _currency: str) -> list[str]:
    if len(value) > MOST_STAFF:
        raise TooMany(f"`staff_emails` has at most {MOST_STAFF} addresses.", field=("staff_emails",))
    found = [normalize_email(each, field=("staff_emails", str(index))) for index, each in enumerate(value)]
    return list(dict.fromkeys(found))


def _name(value: str, _currency: str) -> str | None:
    return optional_text(value, field=("sender_name",), max_length=NAME_LENGTH)


def _footer(value: str, _currency: str) -> str:
    return optional_text(value, field=("footer",), max_length=TEXT_LENGTH) or ""


def _hours(value: Sequence[int], _currency: str) -> list[int]:
    if len(value) > MOST_REMINDERS:
        raise TooMany(f"A cart has at most {MOST_REMINDERS} reminders.", field=("cart_reminder_hours",))
    for index, each in enumerate(value):
        number_between("cart_reminder_hours", 1, LATEST_REMINDER)(each, _currency)
        if index and each <= value[index - 1]:
            raise InvalidInput("Give the hours in ascending order.", field=("cart_reminder_hours",))
    return list(value)


async def _verify(_tx: Tx, _before: NotificationSettings, after: NotificationSettings, _currency: str) -> None:
    """Raises Required unless quiet hours have both times or none."""
    if (after.quiet_hours_start is None) != (after.quiet_hours_end is None):
        missing = "quiet_hours_end" if after.quiet_hours_end is None else "quiet_hours_start"
        raise Required("Quiet hours have a start and an end.", field=(missing,))


# The bounds are the same as in the constraints of the table.
SETTINGS: Final[Mapping[str, Setting]] = {
    "default_language": Setting(lambda value, _: require_language(value, field=("default_language",))),
    "sender_name": Setting(_name, nullable=True),
    "reply_to": Setting(lambda value, _: normalize_email(value, field=("reply_to",)), nullable=True),
    "logo_url": Setting(_url("logo_url"), nullable=True),
    "brand_color": Setting(_color),
    "footer": Setting(_footer),
    "storefront_url": Setting(_url("storefront_url"), nullable=True),
    "staff_emails": Setting(_staff),
    "quiet_hours_start": Setting(lambda text, _: require_time(text, field=("quiet_hours_start",)), nullable=True),
    "quiet_hours_end": Setting(lambda text, _: require_time(text, field=("quiet_hours_end",)), nullable=True),
    "retention_days": Setting(number_between("retention_days", 30, 3650)),
    "cart_reminders": Setting(),
    "cart_reminder_hours": Setting(_hours),
    "review_request_days": Setting(number_between("review_request_days", 0, 365)),
    "alert_days": Setting(number_between("alert_days", 1, 1_000)),
}


def settings_table(cache: SettingsCache) -> SettingsTable[NotificationSettings]:
    """The settings of notifications of companies."""
    return SettingsTable(cache, data.notification_settings, SETTINGS, NotificationSettingsUpdated, verify=_verify)
