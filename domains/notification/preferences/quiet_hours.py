"""Quiet hours and the times of daily and weekly notifications, in the time zone of the recipient. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domains.kernel.errors import InvalidInput
from domains.notification.data import NotificationFrequency

HOUR: Final = time(9)
"""When those who want one e-mail a day or a week get it; weekly ones on Mondays."""
DAY: Final = timedelta(days=1)
CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def require_time(text: str, *, field: Sequence[str]) -> time:
    """A local time from `HH:MM`. Raises InvalidInput."""
    match = CLOCK.fullmatch(text)
    if match is None:
        raise InvalidInput("Give a local time with hours and minutes, such as 22:30.", field=field)
    return time(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Hours:
    """The local time of a recipient: a time zone, and quiet hours from `start` to before `end`.

    An end before the start means over midnight; the same time twice, or none, means no quiet hours.
    """

    time_zone: str
    start: time | None = None
    end: time | None = None

    def is_quiet(self, at: datetime) -> bool:
        """Whether a moment is within the quiet hours, by the clock of the recipient."""
        if self.start is None or self.end is None:
            return False
        local = at.astimezone(ZoneInfo(self.time_zone)).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def first_open(self, at: datetime) -> datetime:
        """The moment itself, or when it is quiet, the end of the quiet hours."""
        while self.end is not None and self.is_quiet(at):
            at = self._next(self.end, at)
        return at

    def turn(self, since: datetime, frequency: NotificationFrequency) -> datetime:
        """When what has waited since a moment is sent to a recipient who wants it at this frequency."""
        if frequency is NotificationFrequency.IMMEDIATE:
            return since
        at = self._next(HOUR, since - timedelta(microseconds=1))
        while frequency is NotificationFrequency.WEEKLY and at.astimezone(ZoneInfo(self.time_zone)).weekday() != 0:
            at = self._next(HOUR, at)
        return at

    def _next(self, clock: time, after: datetime) -> datetime:
        """The first moment after another one at which the clock of the recipient shows a time.

        A time that is skipped when clocks go forward is moved later by the gap; a repeated one comes twice.
        """
        zone = ZoneInfo(self.time_zone)
        day = after.astimezone(zone).date() - DAY
        moments = (
            datetime.combine(day + DAY * number, clock.replace(fold=fold), zone).astimezone(UTC)
            for number in range(5)  # a zone that crosses the date line skips a day
            for fold in (0, 1)
        )
        return min(moment for moment in moments if moment > after)
