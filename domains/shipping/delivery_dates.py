"""Delivery dates: from the time of an order, in working days of the company. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Self
from zoneinfo import ZoneInfo

from domains.shipping.models import ShippingSettings

DAY: Final = timedelta(days=1)


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @classmethod
    def of(cls, day: date) -> Self:
        """The day of the week of a date."""
        return list(cls)[day.weekday()]


def weekday_bits(weekdays: Iterable[Weekday]) -> int:
    """Weekdays as they are stored: bit 0 is Monday, so that 31 is Monday to Friday."""
    return sum(1 << list(Weekday).index(weekday) for weekday in set(weekdays))


def weekdays_of(bits: int) -> list[Weekday]:
    """The weekdays of `weekday_bits`, Monday first."""
    return [weekday for index, weekday in enumerate(Weekday) if bits >> index & 1]


@dataclass(frozen=True, slots=True)
class DeliveryDates:
    """The local days between which a delivery is expected, both included."""

    earliest: date
    latest: date


@dataclass(frozen=True, slots=True)
class DeliveryCalendar:
    """The days on which a company works, and when an order is handled; times are those of its time zone.

    `working_days` are the bits of `weekday_bits`, at least one. Orders from `cutoff` on are handled from the next
    working day on; None: orders of the whole day. `handling_days` are the working days before the dispatch.
    """

    working_days: int
    holidays: frozenset[date]
    cutoff: time | None
    handling_days: int
    time_zone: ZoneInfo

    @classmethod
    def of(cls, settings: ShippingSettings, time_zone: str) -> Self:
        """The calendar of a company's settings."""
        holidays = frozenset(settings.holidays)
        return cls(
            settings.working_days, holidays, settings.order_cutoff, settings.handling_days, ZoneInfo(time_zone)
        )

    def is_working_day(self, day: date) -> bool:
        """Whether the company works on a day."""
        return bool(self.working_days >> day.weekday() & 1) and day not in self.holidays

    def dispatch_day(self, now: datetime) -> date:
        """The local working day on which an order of this time leaves the warehouse."""
        local = now.astimezone(self.time_zone)
        day = local.date()
        if self.cutoff is not None and local.time() >= self.cutoff:
            day += DAY
        return self.after(self._working_day(day), self.handling_days)

    def dates(self, now: datetime, min_days: int, max_days: int) -> DeliveryDates:
        """When an order of this time arrives that is on its way for `min_days` to `max_days` working days."""
        dispatched = self.dispatch_day(now)
        earliest = self.after(dispatched, min_days)
        return DeliveryDates(earliest, self.after(earliest, max(0, max_days - min_days)))

    def after(self, day: date, days: int) -> date:
        """The working day that is a number of working days after a working day."""
        for _ in range(days):
            day = self._working_day(day + DAY)
        return day

    def _working_day(self, day: date) -> date:
        """The first working day from a day on. The holidays are a finite set, so there is one."""
        while not self.is_working_day(day):
            day += DAY
        return day
