"""Where a parcel is follows from its events, in whatever order they arrived. Without a database."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.ids import new_id
from domains.shipping.shipments.models import ShipmentFacts, ShipmentStatus, status_of
from domains.shipping.tracking.models import (
    MAX_AHEAD,
    MAX_BEFORE,
    ShipmentTracking,
    TrackingSource,
    TrackingStatus,
    is_plausible,
    latest,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
T, S = TrackingStatus, ShipmentStatus
COMPANY, SHIPMENT = new_id(), new_id()


def event(status: TrackingStatus, hours: int, location: str = "") -> ShipmentTracking:
    return ShipmentTracking(
        id=new_id(),
        company_id=COMPANY,
        shipment_id=SHIPMENT,
        status=status,
        location=location,
        description="",
        timestamp=NOW + timedelta(hours=hours),
        source=TrackingSource.WEBHOOK,
        created_by=None,
        created_at=NOW,
    )


EVENTS = st.lists(
    st.builds(event, st.sampled_from(TrackingStatus), st.integers(0, 3), st.sampled_from(["", "Bonn"])), max_size=8
)


def place(events: list[ShipmentTracking]) -> tuple[TrackingStatus, datetime] | None:
    newest = latest(events)
    return None if newest is None else (newest.status, newest.timestamp)


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(events: list[ShipmentTracking], random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert place(shuffled) == place(events) == place(events * 2)


@given(EVENTS)
def test_no_event_is_later_than_the_latest(events: list[ShipmentTracking]) -> None:
    newest = latest(events)
    assert (newest is None) is (not events)
    assert newest is None or all(each.timestamp <= newest.timestamp for each in events)


def test_each_permutation_of_a_journey_ends_at_its_end() -> None:
    journey = [event(T.PRE_TRANSIT, 0), event(T.PICKED_UP, 1), event(T.EXCEPTION, 2), event(T.DELIVERED, 3)]
    assert {place(list(each)) for each in permutations(journey)} == {(T.DELIVERED, NOW + timedelta(hours=3))}


def test_of_events_at_the_same_time_the_more_final_status_counts() -> None:
    under_way = [T.PRE_TRANSIT, T.PICKED_UP, T.IN_TRANSIT, T.OUT_FOR_DELIVERY, T.AVAILABLE_FOR_PICKUP]
    ranked = [*under_way, T.EXCEPTION, T.LOST, T.DELIVERED, T.RETURN_TO_SENDER]
    assert set(ranked) == set(TrackingStatus)
    for lower, higher in combinations(ranked, 2):
        for arrival in permutations([event(lower, 0), event(higher, 0)]):
            assert place(list(arrival)) == (higher, NOW)


@pytest.mark.parametrize(
    ("tracking", "expected"),
    [
        (None, S.IN_TRANSIT),
        (T.PRE_TRANSIT, S.IN_TRANSIT),
        (T.PICKED_UP, S.IN_TRANSIT),
        (T.IN_TRANSIT, S.IN_TRANSIT),
        (T.OUT_FOR_DELIVERY, S.OUT_FOR_DELIVERY),
        (T.AVAILABLE_FOR_PICKUP, S.READY_FOR_PICKUP),
        (T.DELIVERED, S.DELIVERED),
        (T.RETURN_TO_SENDER, S.RETURNED_TO_SENDER),
        (T.EXCEPTION, S.EXCEPTION),
        (T.LOST, S.LOST),
    ],
)
def test_the_status_of_a_shipment_follows_its_latest_event(
    tracking: TrackingStatus | None, expected: ShipmentStatus
) -> None:
    assert status_of(ShipmentFacts(shipped_at=NOW, tracking_status=tracking)) is expected
    assert status_of(ShipmentFacts(tracking_status=tracking)) is S.PENDING
    assert status_of(ShipmentFacts(cancelled_at=NOW, tracking_status=tracking)) is S.CANCELLED


def test_events_of_an_impossible_time_belong_to_another_parcel() -> None:
    assert is_plausible(NOW, NOW - MAX_BEFORE, NOW)
    assert is_plausible(NOW, NOW + MAX_AHEAD, NOW)
    second = timedelta(seconds=1)
    assert not is_plausible(NOW, NOW - MAX_BEFORE - second, NOW)
    assert not is_plausible(NOW, NOW + MAX_AHEAD + second, NOW)
