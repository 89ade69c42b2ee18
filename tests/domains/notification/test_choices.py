"""Whether and when a notification may be sent: by what the recipient chose, suppressions and quiet hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.notification.kinds import ASKED_FOR, KINDS, MARKETING, REQUIRED
from domains.notification.models import (
    NotificationCategory,
    NotificationFrequency,
    NotificationKind,
    NotificationPriority,
    NotificationType,
    SuppressionReason,
)
from domains.notification.preferences.choices import Choices, Decision, Postpone, Refusal, Refuse, Send, decide
from domains.notification.preferences.quiet_hours import Hours

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"
# Half an hour of summer time; clocks moved by a whole day; 45 minutes; no summer time.
ZONES = [BERLIN, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"]
CRITICAL, IMPORTANT, NORMAL = NotificationPriority
CATEGORIES = st.sampled_from(NotificationCategory)
CHOICES = st.builds(
    Choices,
    st.sampled_from([None, True, False]),
    st.sampled_from([None, *NotificationFrequency]),
    st.lists(st.sampled_from(SuppressionReason), max_size=1),
)
TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0))
HOURS = st.builds(Hours, st.sampled_from(ZONES), TIMES, TIMES) | st.builds(Hours, st.sampled_from(ZONES))
MOMENTS = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes), st.just(NOON), st.integers(-1_000_000, 1_000_000)
) | st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from([datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 29), (10, 25), (3, 8), (11, 1))]),
    st.integers(-600, 600),
)


@dataclass
class Of:
    """A notification as far as a decision depends on it."""

    category: NotificationCategory
    priority: NotificationPriority = IMPORTANT
    scheduled_at: datetime = NOON
    kind: NotificationKind = NotificationKind.NEWS
    type: NotificationType = NotificationType.EMAIL


def decided(of: Any, choices: Choices | None = None, hours: Hours | None = None, now: datetime = NOON) -> Decision:
    return decide(of, choices or Choices(), hours or Hours("UTC"), now)


@pytest.mark.parametrize("category", NotificationCategory)
def test_without_a_choice_only_what_must_be_asked_for_is_refused(category: NotificationCategory) -> None:
    expected = Refuse(Refusal.NOT_WANTED) if category in ASKED_FOR else Send()
    assert decided(Of(category)) == expected


@pytest.mark.parametrize("category", NotificationCategory)
def test_an_sms_is_for_those_who_chose_it_unless_the_category_is_required(category: NotificationCategory) -> None:
    of = Of(category, type=NotificationType.SMS)
    assert decided(of) == (Send() if category in REQUIRED else Refuse(Refusal.NOT_WANTED))
    assert decided(of, Choices(True)) == Send()


@pytest.mark.parametrize("category", NotificationCategory)
def test_a_choice_decides_unless_the_category_is_required(category: NotificationCategory) -> None:
    assert decided(Of(category), Choices(True)) == Send()
    refused = Refuse(Refusal.NOT_WANTED)
    assert decided(Of(category), Choices(False)) == (Send() if category in REQUIRED else refused)


@pytest.mark.parametrize("category", NotificationCategory)
@pytest.mark.parametrize("reason", SuppressionReason)
def test_a_suppression_is_stronger_than_a_choice(category: NotificationCategory, reason: SuppressionReason) -> None:
    expected: Decision = Send() if category in REQUIRED else Refuse(Refusal.UNSUBSCRIBED)
    if reason is SuppressionReason.HARD_BOUNCE:
        expected = Refuse(Refusal.BOUNCED_BEFORE)
    assert decided(Of(category), Choices(True, None, [reason])) == expected


def test_every_kind_has_rules_and_marketing_is_never_urgent() -> None:
    assert {*KINDS} == {*NotificationKind}
    assert ASKED_FOR <= MARKETING
    assert MARKETING.isdisjoint(REQUIRED)
    marketing = [rules for rules in KINDS.values() if rules.category in MARKETING]
    assert {rules.priority for rules in marketing} == {NotificationPriority.NORMAL}
    assert not any(rules.has_secret for rules in marketing)


@given(
    CATEGORIES,
    st.sampled_from(NotificationPriority),
    CHOICES,
    HOURS,
    MOMENTS,
    MOMENTS,
    st.sampled_from(NotificationType),
)
def test_only_what_is_critical_or_in_the_shop_is_sent_in_quiet_hours_and_every_wait_ends(
    category: NotificationCategory,
    priority: NotificationPriority,
    choices: Choices,
    hours: Hours,
    scheduled_at: datetime,
    now: datetime,
    type_: NotificationType,
) -> None:
    of, decision = Of(category, priority, scheduled_at, type=type_), None
    for _ in range(4):
        decision = decided(of, choices, hours, now)
        if not isinstance(decision, Postpone):
            break
        assert now < decision.until
        assert decision.until <= max(now, scheduled_at) + timedelta(days=10)
        now = decision.until
    assert not isinstance(decision, Postpone)
    if isinstance(decision, Send):
        assert priority is CRITICAL or type_ is NotificationType.IN_APP or not hours.is_quiet(now)
        refused = choices.suppressed or choices.is_chosen is False
        assert category in REQUIRED or not refused
        assert choices.is_chosen or category not in ASKED_FOR


@pytest.mark.parametrize("type_", NotificationType)
def test_in_quiet_hours_the_list_in_the_shop_has_at_once_what_others_wait_for(type_: NotificationType) -> None:
    hours, chosen = Hours("UTC", time(11), time(13)), Choices(True)
    expected = Send() if type_ is NotificationType.IN_APP else Postpone(NOON.replace(hour=13))
    assert decided(Of(NotificationCategory.SHIPPING, type=type_), chosen, hours) == expected


def test_the_list_in_the_shop_has_what_is_wanted_daily_at_its_turn_also_in_quiet_hours() -> None:
    hours, daily = Hours("UTC", time(8), time(10)), Choices(True, NotificationFrequency.DAILY)
    of = Of(NotificationCategory.SHIPPING, type=NotificationType.IN_APP)
    assert decided(of, daily, hours) == Postpone(NOON.replace(day=16, hour=9))


@given(HOURS, MOMENTS, st.sampled_from(NotificationFrequency), st.integers(0, 100_000))
def test_a_turn_that_is_late_comes_before_the_next_turn(
    hours: Hours, scheduled_at: datetime, frequency: NotificationFrequency, late: int
) -> None:
    of, wanted = Of(NotificationCategory.NEWS, NORMAL, scheduled_at), Choices(True, frequency)
    now = max(scheduled_at, hours.turn(scheduled_at, frequency)) + timedelta(seconds=late)
    assert decided(of, wanted, hours, now) in (Send(), Postpone(hours.first_open(now)))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-06-15 21:59", None),
        ("2026-06-15 22:00", "2026-06-16 07:00"),
        ("2026-06-16 06:59", "2026-06-16 07:00"),
        ("2026-06-16 07:00", None),
        ("2026-03-28 23:00", "2026-03-29 07:00"),  # clocks go forward: eight hours are seven
        ("2026-10-24 23:00", "2026-10-25 07:00"),
    ],
)
def test_quiet_hours_over_midnight_end_in_the_morning_of_the_recipient(now: str, until: str | None) -> None:
    hours, zone = Hours(BERLIN, time(22), time(7)), ZoneInfo(BERLIN)
    at, end = [each and datetime.fromisoformat(each).replace(tzinfo=zone).astimezone(UTC) for each in (now, until)]
    assert at
    of = Of(NotificationCategory.ORDERS, scheduled_at=at)
    assert decided(of, None, hours, at) == (Postpone(end) if end else Send())
    assert decided(Of(NotificationCategory.ORDERS, CRITICAL, at), None, hours, at) == Send()


def test_an_end_that_clocks_skip_is_moved_and_one_that_they_repeat_comes_twice() -> None:
    hours = Hours(BERLIN, time(22), time(2, 30))
    assert hours.first_open(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == datetime(2026, 3, 29, 1, tzinfo=UTC) + (
        timedelta(minutes=30)
    )
    first, second = datetime(2026, 10, 25, 0, 10, tzinfo=UTC), datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert hours.first_open(first) == first + timedelta(minutes=20)
    assert hours.first_open(second) == second + timedelta(minutes=20)


def test_the_same_time_twice_is_no_quiet_hours() -> None:
    hours = Hours(BERLIN, time(8), time(8))
    assert not any(hours.is_quiet(NOON + timedelta(hours=hour)) for hour in range(24))


@pytest.mark.parametrize(
    ("frequency", "scheduled_at", "turn"),
    [
        ("DAILY", "2026-06-15 06:59", "2026-06-15 07:00"),
        ("DAILY", "2026-06-15 07:00", "2026-06-15 07:00"),
        ("DAILY", "2026-06-15 07:01", "2026-06-16 07:00"),
        ("DAILY", "2026-10-24 12:00", "2026-10-25 08:00"),
        ("WEEKLY", "2026-06-15 07:00", "2026-06-15 07:00"),  # a Monday
        ("WEEKLY", "2026-06-15 07:01", "2026-06-22 07:00"),
        ("WEEKLY", "2026-06-21 22:30", "2026-06-22 07:00"),
        ("IMMEDIATE", "2026-06-15 07:01", "2026-06-15 07:01"),
    ],
)
def test_what_is_wanted_daily_or_weekly_comes_at_nine(frequency: str, scheduled_at: str, turn: str) -> None:
    at, expected = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (scheduled_at, turn)]
    assert Hours(BERLIN).turn(at, NotificationFrequency(frequency)) == expected
    of = Of(NotificationCategory.NEWS, NORMAL, at)
    decision = decided(of, Choices(True, NotificationFrequency(frequency)), Hours(BERLIN), at)
    assert decision == (Send() if expected == at else Postpone(expected))


def test_a_frequency_delays_nothing_that_is_required_or_critical() -> None:
    weekly = Choices(True, NotificationFrequency.WEEKLY)
    assert decided(Of(NotificationCategory.ACCOUNT), weekly) == Send()
    assert decided(Of(NotificationCategory.ORDERS, CRITICAL), weekly) == Send()
    assert isinstance(decided(Of(NotificationCategory.ORDERS), weekly), Postpone)
