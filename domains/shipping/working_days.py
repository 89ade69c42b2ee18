"""The settings of working days: when orders are handled, for the dates of deliveries."""

import re
from collections.abc import Collection, Mapping
from datetime import date, time
from typing import Final

from domains.kernel.errors import InvalidInput, TooMany
from domains.kernel.settings import Setting, number_between
from domains.kernel.text.validation import Required
from domains.shipping.delivery_dates import Weekday, weekday_bits

MAX_HOLIDAYS: Final = 200  # the same as in the constraint of the table
MAX_HANDLING_DAYS: Final = 60
TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _working_days(weekdays: Collection[Weekday], _currency: str) -> int:
    if not weekdays:
        raise Required("Give at least one working day of the week.", field=("working_days",))
    return weekday_bits(weekdays)


def _holidays(days: Collection[date], _currency: str) -> list[date]:
    distinct = sorted(set(days))
    if len(distinct) > MAX_HOLIDAYS:
        raise TooMany(f"There are at most {MAX_HOLIDAYS} holidays; remove those that are over.", field=("holidays",))
    return distinct


def _order_cutoff(text: str, _currency: str) -> time:
    match = TIME.fullmatch(text)
    if match is None:
        raise InvalidInput("`order_cutoff` is a local time such as 14:30.", field=("order_cutoff",))
    return time(int(match[1]), int(match[2]))


WORKING_DAYS: Final[Mapping[str, Setting]] = {
    "working_days": Setting(_working_days),
    "holidays": Setting(_holidays),
    "order_cutoff": Setting(_order_cutoff, nullable=True),
    "handling_days": Setting(number_between("handling_days", 0, MAX_HANDLING_DAYS)),
}
