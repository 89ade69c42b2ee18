"""The days or months that a report shows. Days are local days of the company, on which its entries are booked."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Self

from domains.kernel.errors import OutOfRange, RangeInverted

MAX_DAYS: Final = 366
MAX_MONTHS: Final = 120
DAY: Final = timedelta(days=1)


class ReportInterval(StrEnum):
    """How long a period of a report is."""

    DAY = "DAY"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from the first to the last, both included."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class ReportRange:
    """The days that a report covers, from the first to the last, in periods of days or months.

    The first and the last month may be parts of months. `of` makes ranges that are valid.
    """

    first_day: date
    last_day: date
    interval: ReportInterval

    @classmethod
    def of(cls, first_day: date, last_day: date, interval: ReportInterval) -> Self:
        """The range. Raises RangeInverted, and OutOfRange for more than 366 days or 120 months."""
        require_order(first_day, last_day)
        found = cls(first_day, last_day, interval)
        limit, name = (MAX_DAYS, "days") if interval is ReportInterval.DAY else (MAX_MONTHS, "months")
        if found.count() > limit:
            raise OutOfRange(f"A report by {name} covers at most {limit} {name}.", field=("last_day",))
        return found

    def count(self) -> int:
        """The number of periods."""
        first, last = self.first_day, self.last_day
        if self.interval is ReportInterval.DAY:
            return (last - first).days + 1
        return (last.year - first.year) * 12 + last.month - first.month + 1

    def periods(self) -> Iterator[Period]:
        """The periods in their order, without gaps."""
        first = self.first_day
        for _ in range(self.count()):
            last = min(self._end(first), self.last_day)
            yield Period(first, last)
            if last < self.last_day:
                first = last + DAY

    def whole(self) -> Period:
        """All days as one period."""
        return Period(self.first_day, self.last_day)

    def _end(self, day: date) -> date:
        if self.interval is ReportInterval.DAY:
            return day
        return day.replace(day=monthrange(day.year, day.month)[1])


def require_order(first_day: date, last_day: date) -> None:
    """Raise RangeInverted unless days are a range."""
    if last_day < first_day:
        raise RangeInverted("The last day must not lie before the first day.", field=("last_day",))


# The first day of a row's period, of the range whose first day is $2 and whose interval is $4.
PERIOD: Final = "greatest(case $4 when 'DAY' then m.booked_on else date_trunc('month', m.booked_on)::date end, $2)"
