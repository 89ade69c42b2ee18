"""The filters of templates: values in the recipient's language and the zone of the shop. Null becomes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date as calendar_date
from datetime import datetime as point_in_time
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.numbers import format_currency, format_decimal
from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def money(context: Context, amount: str | None, currency: str) -> str:
    """An amount with its currency: `€12.50`, `12,50 €`."""
    if amount is None:
        return ""
    return format_currency(Decimal(amount), currency, locale=_language(context))


@pass_context
def date(context: Context, day: str | None) -> str:
    """A day in ISO 8601, or the day of a time in the zone of the shop."""
    if day is None:
        return ""
    if len(day) > len("2027-01-31"):
        return format_date(_local(context, day), format="long", locale=_language(context))
    return format_date(calendar_date.fromisoformat(day), format="long", locale=_language(context))


@pass_context
def datetime(context: Context, time: str | None) -> str:
    """A time in ISO 8601, in the zone of the shop: its day and the minute."""
    if time is None:
        return ""
    local, locale = _local(context, time), _language(context)
    pattern = str(get_datetime_format("long", locale=locale))
    parts = (format_time(local, "short", locale=locale), format_date(local, format="long", locale=locale))
    return pattern.replace("'", "").format(*parts)


@pass_context
def duration(context: Context, minutes: int | None) -> str:
    """Minutes in words, in the largest unit that is exact enough: `30 minutes`, `2 hours`."""
    return "" if minutes is None else format_timedelta(timedelta(minutes=minutes), locale=_language(context))


@pass_context
def number(context: Context, value: int | None) -> str:
    """A number with the separators of the language."""
    return "" if value is None else format_decimal(value, locale=_language(context))


@dataclass(frozen=True, slots=True)
class Allowed:
    """A filter: its function, or None for one of Jinja's; how many arguments it takes at least and at most."""

    function: Callable[..., Any] | None
    arguments: tuple[int, int] = (0, 0)
    takes_list: bool = False


FILTERS: Final[Mapping[str, Allowed]] = {
    "money": Allowed(money, (1, 1)),
    "date": Allowed(date),
    "datetime": Allowed(datetime),
    "duration": Allowed(duration),
    "number": Allowed(number),
    "length": Allowed(None, takes_list=True),
    "join": Allowed(None, (1, 1), takes_list=True),
    "default": Allowed(None, (1, 2)),
    "upper": Allowed(None),
    "lower": Allowed(None),
    "capitalize": Allowed(None),
    "trim": Allowed(None),
}
"""Those that templates may use. None multiplies its input."""


def _language(context: Context) -> str:
    return str(context["language"])


def _local(context: Context, time: str) -> point_in_time:
    return point_in_time.fromisoformat(time).astimezone(ZoneInfo(context["company"]["time_zone"]))
