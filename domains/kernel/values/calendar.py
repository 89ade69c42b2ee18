"""Local days and times in the time zone of a company, converted to moments."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from domains.kernel.pagination.pages import MAX_TIME, MIN_TIME

MAX_LENGTH: Final = 40
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Names that depend on the machine, or mean no time zone.
NOT_TIME_ZONES: Final = {"localtime", "posixrules", "Factory"}
MARGIN: Final = timedelta(days=2)


@cache
def time_zones() -> frozenset[str]:
    """The names of the IANA time zone database, such as Europe/Berlin."""
    return frozenset(available_timezones() - NOT_TIME_ZONES)


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A local time of a company, or with `is_day` a whole local day; `at` has no zone."""

    at: datetime
    is_day: bool = False

    def in_zone(self, time_zone: str, *, is_end: bool = False) -> datetime:
        """The moment of this time in a time zone; of a day, its beginning, or its end with `is_end`.

        A time that is skipped when clocks go forward is moved later by the gap; of a repeated time, the first counts.
        """
        at = self.at + timedelta(days=1) if is_end and self.is_day else self.at
        return at.replace(tzinfo=ZoneInfo(time_zone), fold=0).astimezone(UTC)


def parse_moment(text: str) -> datetime | LocalTime | None:
    """A moment with its offset (RFC 3339), a local time without one, or a day; None for another text."""
    if len(text) > MAX_LENGTH:
        return None
    is_day = DAY.fullmatch(text) is not None
    if not is_day and "T" not in text.upper() and " " not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return moment if MIN_TIME < moment < MAX_TIME else None
    is_moment = MIN_TIME + MARGIN < moment.replace(tzinfo=UTC) < MAX_TIME - MARGIN  # in every zone
    return LocalTime(moment, is_day) if is_moment else None


def local_day(moment: datetime, time_zone: str) -> date:
    """The local day of a moment in a time zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
