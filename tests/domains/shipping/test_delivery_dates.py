"""Delivery dates in working days: weekends, holidays, the cut-off of a day, time zones; pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domains.shipping.delivery_dates import DeliveryCalendar, DeliveryDates, Weekday, weekday_bits, weekdays_of

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = weekday_bits([Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY])
CALENDAR = DeliveryCalendar(WEEK, frozenset(), time(14), 0, BERLIN)
DAYS = st.integers(0, 20)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis
CALENDARS = st.builds(
    DeliveryCalendar,
    working_days=st.integers(1, 127),
    holidays=st.frozensets(st.dates(date(2024, 1, 1), date(2031, 6, 30)), max_size=30),
    cutoff=st.none() | st.times(),
    handling_days=st.integers(0, 10),
    time_zone=st.sampled_from([ZoneInfo(name) for name in ("Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo")]),
)


def at(text: str) -> datetime:
    """A local time in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_days_count_from_the_working_day_of_the_order() -> None:
    assert CALENDAR.dates(at("2026-11-30T13:59"), 1, 3) == DeliveryDates(date(2026, 12, 1), date(2026, 12, 3))


def test_orders_from_the_cut_off_on_are_handled_from_the_next_working_day_on() -> None:
    assert CALENDAR.dispatch_day(at("2026-12-03T14:00")) == date(2026, 12, 4)
    assert CALENDAR.dispatch_day(at("2026-12-04T14:00")) == date(2026, 12, 7)
    whole_day = DeliveryCalendar(WEEK, frozenset(), None, 0, BERLIN)
    assert whole_day.dispatch_day(at("2026-12-04T23:59")) == date(2026, 12, 4)


def test_orders_of_a_weekend_are_handled_on_monday_whatever_the_time() -> None:
    assert CALENDAR.dispatch_day(at("2026-12-05T09:00")) == date(2026, 12, 7)
    assert CALENDAR.dispatch_day(at("2026-12-06T23:00")) == date(2026, 12, 7)


def test_handling_and_holidays_postpone_the_delivery() -> None:
    holidays = frozenset({date(2026, 12, 25), date(2026, 12, 28)})
    calendar = DeliveryCalendar(WEEK, holidays, time(14), 1, BERLIN)
    # Wednesday 23; handled by the 24th; the 25th is a holiday, then a weekend, and Monday is a holiday.
    assert calendar.dates(at("2026-12-23T10:00"), 1, 2) == DeliveryDates(date(2026, 12, 29), date(2026, 12, 30))


def test_the_day_is_that_of_the_company() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    whole_day = DeliveryCalendar(WEEK, frozenset(), None, 0, BERLIN)
    assert whole_day.dispatch_day(late) == date(2026, 12, 1)
    pacific = DeliveryCalendar(WEEK, frozenset(), None, 0, ZoneInfo("America/Los_Angeles"))
    assert pacific.dispatch_day(late) == date(2026, 11, 30)


@given(weekdays=st.sets(st.sampled_from(Weekday)))
def test_weekdays_are_stored_as_bits(weekdays: set[Weekday]) -> None:
    assert set(weekdays_of(weekday_bits(weekdays))) == weekdays
    assert Weekday.of(date(2026, 11, 30)) is Weekday.MONDAY


@given(calendar=CALENDARS, now=MOMENTS, low=DAYS, more=DAYS)
def test_no_delivery_is_on_a_day_off_or_in_the_past(
    calendar: DeliveryCalendar, now: datetime, low: int, more: int
) -> None:
    dates = calendar.dates(now, low, low + more)
    assert calendar.is_working_day(dates.earliest)
    assert calendar.is_working_day(dates.latest)
    today = now.astimezone(calendar.time_zone).date()
    assert today <= dates.earliest <= dates.latest
    between = (today + timedelta(days=index) for index in range((dates.earliest - today).days + 1))
    assert sum(map(calendar.is_working_day, between)) >= calendar.handling_days + low


@given(calendar=CALENDARS, now=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=30)), low=DAYS, more=DAYS)
def test_later_orders_longer_ways_and_more_days_off_never_arrive_earlier(
    calendar: DeliveryCalendar, now: datetime, later: timedelta, low: int, more: int
) -> None:
    dates = calendar.dates(now, low, low + more)
    after = calendar.dates(now + later, low, low + more)
    assert (dates.earliest, dates.latest) <= (after.earliest, after.latest)
    longer = calendar.dates(now, low + 1, low + more + 2)
    assert dates.earliest < longer.earliest
    assert dates.latest < longer.latest
    closed = DeliveryCalendar(
        calendar.working_days,
        calendar.holidays | {dates.earliest},
        calendar.cutoff,
        calendar.handling_days,
        calendar.time_zone,
    )
    assert closed.dates(now, low, low + more).earliest > dates.earliest
