"""The leaky bucket: a number of units at once, restored evenly, never more."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.rate_limits import SECOND, Admission, RateLimit, admit, strictest

START = 1_700_000_000 * SECOND
limits = st.builds(
    lambda units, seconds: RateLimit.of("READS", units, timedelta(seconds=seconds)),
    st.integers(1, 50),
    st.integers(1, 3_600),
)
# Gaps between requests in microseconds, many of them short.
gaps = st.one_of(st.integers(0, 2_000), st.integers(0, 100 * SECOND))
requests = st.lists(st.tuples(gaps, st.integers(1, 60)), max_size=60)


def run(limit: RateLimit, asked: list[tuple[int, int]]) -> list[tuple[int, int, Admission]]:
    """The time, the units and the admission of each request."""
    now, arrival, log = START, 0, []
    for gap, units in asked:
        now += gap
        arrival, admission = admit(limit, arrival, now, units)
        log.append((now, units, admission))
    return log


@given(limits, requests)
def test_no_span_of_time_has_more_than_the_limit_and_what_is_restored_in_it(
    limit: RateLimit, asked: list[tuple[int, int]]
) -> None:
    taken = [(at, min(units, limit.units)) for at, units, admission in run(limit, asked) if admission.is_admitted]
    for first, (begin, _) in enumerate(taken):
        total = 0
        for at, units in taken[first:]:
            total += units
            assert total * limit.interval <= limit.capacity + (at - begin)


@given(limits, requests)
def test_what_is_left_is_what_can_be_taken_at_once(limit: RateLimit, asked: list[tuple[int, int]]) -> None:
    now, arrival = START, 0
    for gap, units in asked:
        now += gap
        arrival, admission = admit(limit, arrival, now, units)
        if admission.remaining:
            assert admit(limit, arrival, now, admission.remaining)[1].is_admitted
        if admission.remaining < limit.units:
            assert not admit(limit, arrival, now, admission.remaining + 1)[1].is_admitted


@given(limits, requests)
def test_a_refused_request_takes_nothing_and_is_admitted_when_it_says(
    limit: RateLimit, asked: list[tuple[int, int]]
) -> None:
    now, arrival = START, 0
    for gap, units in asked:
        now += gap
        before = max(arrival, now)
        arrival, admission = admit(limit, arrival, now, units)
        if not admission.is_admitted:
            assert arrival == before
            assert admit(limit, arrival, now + admission.retry_after * SECOND, units)[1].is_admitted
            assert not admit(limit, arrival, now + (admission.retry_after - 1) * SECOND, units)[1].is_admitted


@given(limits, requests)
def test_after_the_reset_the_whole_limit_can_be_taken(limit: RateLimit, asked: list[tuple[int, int]]) -> None:
    now, arrival, admission = START, 0, None
    for gap, units in asked:
        now += gap
        arrival, admission = admit(limit, arrival, now, units)
    if admission is not None:
        assert admit(limit, arrival, now + admission.reset * SECOND, limit.units)[1].is_admitted


@given(limits, st.lists(st.integers(0, 1_000_000), max_size=50))
def test_requests_at_the_rate_or_below_it_are_never_refused(limit: RateLimit, further_apart: list[int]) -> None:
    asked = [(limit.interval + more, 1) for more in further_apart]
    assert all(admission.is_admitted for _, _, admission in run(limit, asked))


@given(limits, st.integers(0, 10**9))
def test_a_clock_that_is_set_back_makes_no_client_wait_longer_than_the_limit(limit: RateLimit, back: int) -> None:
    arrival, _ = admit(limit, 0, START, limit.units)
    _, admission = admit(limit, arrival, START - back * SECOND)
    assert admission.retry_after <= -(-limit.interval // SECOND)


def test_the_units_are_available_at_once_and_are_restored_evenly() -> None:
    limit = RateLimit.of("WRITES", 3, timedelta(minutes=1))
    log = run(limit, [(0, 1), (0, 1), (0, 1), (0, 1), (20 * SECOND - 1, 1), (1, 1), (0, 1)])
    assert [(each.is_admitted, each.remaining, each.reset, each.retry_after) for _, _, each in log] == [
        (True, 2, 20, 0),
        (True, 1, 40, 0),
        (True, 0, 60, 0),
        (False, 0, 60, 20),
        (False, 0, 41, 1),
        (True, 0, 60, 0),
        (False, 0, 60, 20),
    ]


def test_more_units_than_the_limit_has_are_admitted_as_all_of_them() -> None:
    limit = RateLimit.of("WRITES", 3, timedelta(minutes=1))
    log = run(limit, [(0, 5), (0, 1), (20 * SECOND, 5), (40 * SECOND, 5)])
    assert [(each.is_admitted, each.remaining, each.retry_after) for _, _, each in log] == [
        (True, 0, 0),
        (False, 0, 20),
        (False, 1, 40),
        (True, 0, 0),
    ]


def test_the_strictest_is_the_longest_wait_or_else_the_least_remaining() -> None:
    limit = RateLimit.of("WRITES", 10, timedelta(minutes=1))
    many, few = Admission(limit, 9, 6, 0), Admission(limit, 2, 48, 0)
    soon, late = Admission(limit, 0, 60, 1), Admission(limit, 5, 60, 6)
    assert [strictest([many, few]), strictest([few, soon]), strictest([soon, late])] == [few, soon, late]


def test_a_limit_that_restores_faster_than_time_is_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="READS restores more than a unit in a microsecond"):
        RateLimit.of("READS", 3_000_000, timedelta(seconds=1))
