"""Local times and days as instants, also when clocks go forward or back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.values.calendar import LocalTime, local_day, parse_moment, time_zones

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
LOCAL = st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001 - local times


def placed(text: str, time_zone: str, *, ends: bool = False) -> str:
    read = parse_moment(text)
    assert isinstance(read, LocalTime)
    return read.in_zone(time_zone, is_end=ends).isoformat()


@pytest.mark.parametrize(
    ("text", "time_zone", "moment"),
    [
        ("2026-07-01T09:00", "Europe/Berlin", "2026-07-01T07:00:00+00:00"),
        ("2026-12-01T09:00:30", "Europe/Berlin", "2026-12-01T08:00:30+00:00"),
        ("2026-12-01 09:00", "America/New_York", "2026-12-01T14:00:00+00:00"),
        # Clocks go from 02:00 to 03:00: what they skip is as much later.
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00+00:00"),
        # They show 02:30 twice: the first, in summer time.
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00+00:00"),
        ("2026-12-01", "Europe/Berlin", "2026-11-30T23:00:00+00:00"),
        # There was no midnight: the day began at one.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00+00:00"),
    ],
)
def test_a_local_time_is_converted_in_its_time_zone(text: str, time_zone: str, moment: str) -> None:
    assert placed(text, time_zone) == moment


def test_an_end_date_includes_its_whole_day() -> None:
    assert placed("2026-12-24", "Europe/Berlin", ends=True) == "2026-12-24T23:00:00+00:00"
    # 25 hours, since clocks are put back on it.
    assert placed("2026-10-25", "Europe/Berlin", ends=True) == "2026-10-25T23:00:00+00:00"
    assert placed("2026-12-24T18:00", "Europe/Berlin", ends=True) == "2026-12-24T17:00:00+00:00"


def test_a_time_with_an_offset_keeps_its_instant() -> None:
    assert parse_moment("2026-11-21T09:30:00+01:00") == datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "20261121",
        "2026-W47-6",
        "2026-13-01",
        "2026-02-30",
        "09:30",
        "0001-01-01",
        "9999-12-31",
        "1" * 50,
    ],
)
def test_an_invalid_time_is_none(text: str) -> None:
    assert parse_moment(text) is None


@given(local=LOCAL, time_zone=ZONES)
def test_a_converted_local_time_is_the_same_or_was_skipped(local: datetime, time_zone: str) -> None:
    moment = LocalTime(local).in_zone(time_zone)
    shown = moment.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    assert shown == local or timedelta(0) < shown - local <= timedelta(hours=1)


@given(local=LOCAL, time_zone=ZONES)
def test_a_day_contains_its_instants(local: datetime, time_zone: str) -> None:
    day = LocalTime(local.replace(hour=0, minute=0, second=0, microsecond=0), is_day=True)
    moment = LocalTime(local).in_zone(time_zone)
    assert day.in_zone(time_zone) <= moment < day.in_zone(time_zone, is_end=True)
    assert local_day(moment, time_zone) == local.date()


def test_time_zones_are_iana_names_independent_of_this_machine() -> None:
    assert {"UTC", "Europe/Berlin", "America/New_York"} <= time_zones()
    wrong: tuple[Any, ...] = ("localtime", "Factory", "posixrules", "../UTC", "/etc/localtime", "europe/berlin", "")
    assert not any(name in time_zones() for name in wrong)


def test_the_day_changes_at_midnight_of_the_time_zone() -> None:
    moment = datetime(2026, 12, 31, 12, tzinfo=UTC)
    assert [local_day(moment, zone) for zone in ("UTC", "Pacific/Auckland")] == [date(2026, 12, 31), date(2027, 1, 1)]
