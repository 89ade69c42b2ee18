"""The MOCK carrier: prices, labels and the journey of parcels."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.shipping.carriers.models import TrackingStatus
from domains.shipping.carriers.requests import LabelRequest, Parcel, ParcelAddress
from domains.shipping.carriers.results import CarrierOutcome
from gateway.providers.carriers.mock import journey, prices
from gateway.providers.carriers.mock.carrier import MockCarrier
from gateway.providers.carriers.mock.prices import FACTORS, Distance

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
GB, FR = ParcelAddress(country="GB"), ParcelAddress(country="FR")
WEIGHTS = st.decimals(Decimal("0.001"), 30, places=3)


@given(WEIGHTS, WEIGHTS, st.sampled_from(list(Distance)), st.sampled_from(sorted(FACTORS)))
def test_a_heavier_parcel_never_costs_less(one: Decimal, other: Decimal, far: Distance, service: str) -> None:
    light, heavy = sorted((one, other))
    cheaper, dearer = (prices.rate(service, far, Parcel(each), "EUR") for each in (light, heavy))
    if cheaper is not None and dearer is not None:
        assert cheaper.price.amount <= dearer.price.amount


def test_the_volume_counts_like_weight() -> None:
    big = Parcel(Decimal(1), Decimal(50), Decimal(50), Decimal(20))
    found = prices.rate("STANDARD", Distance.NATIONAL, big, "EUR")
    assert found is not None
    assert found.price.amount == Decimal("10.50")  # as 10 kg


def test_what_is_too_heavy_or_too_large_is_not_taken() -> None:
    assert prices.refusal(Parcel(Decimal(30))) is None
    assert prices.refusal(Parcel(Decimal("30.001"))) is not None
    assert prices.refusal(Parcel(Decimal(1), Decimal(201), Decimal(1), Decimal(1))) is not None
    assert prices.refusal(Parcel(Decimal(1), Decimal(200), Decimal(40), Decimal(11))) is not None
    assert prices.refusal(Parcel(Decimal(1), Decimal(200), Decimal(40), Decimal(10))) is None


@given(
    st.sampled_from(sorted(FACTORS)),
    st.sampled_from(list(Distance)),
    st.lists(st.timedeltas(timedelta(0), timedelta(9))),
)
def test_a_parcel_only_moves_on(service: str, far: Distance, times: list[timedelta]) -> None:
    seen = [journey.events(service, far, NOW, NOW + time) for time in sorted(times)]
    for before, after in pairwise(seen):
        assert after[: len(before)] == before
    arrived = journey.events(service, far, NOW, NOW + journey.travel_time(service, far))
    assert arrived[-1].status is TrackingStatus.DELIVERED
    assert [event.status for event in journey.events(service, far, NOW, NOW)] == [TrackingStatus.PRE_TRANSIT]


async def test_a_closed_reference_buys_nothing_and_an_unknown_parcel_has_no_events(database: Database) -> None:
    carrier, reference = MockCarrier(database._pool, FixedClock(NOW), None), new_id()
    request = LabelRequest(reference, "STANDARD", GB, FR, Parcel(Decimal(1)), "EUR")
    assert await carrier.find(reference) is None
    assert (await carrier.void(reference)).outcome is CarrierOutcome.APPROVED
    bought = await carrier.buy(request)
    assert (bought.outcome, bought.label) == (CarrierOutcome.REFUSED, None)
    assert await carrier.find(reference) == bought
    assert await carrier.track("MOCKUNKNOWN") == []


async def test_the_same_reference_is_the_same_label_also_when_asked_differently(database: Database) -> None:
    carrier, reference = MockCarrier(database._pool, FixedClock(NOW), None), new_id()
    request = LabelRequest(reference, "EXPRESS", GB, FR, Parcel(Decimal(1)), "EUR")
    first = await carrier.buy(request)
    assert first.label is not None
    assert first.label.cost.amount == Decimal("30.40")
    other = LabelRequest(reference, "DRONE", GB, GB, Parcel(Decimal(99)), "EUR")
    again = await carrier.buy(other)
    assert again.label is not None
    assert again.label.tracking_number == first.label.tracking_number
