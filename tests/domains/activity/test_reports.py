"""Reported activities: limited in number, size, depth and time, and always storable."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.activity import reports
from domains.activity.models import ActivityAction, ReportedActivity
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
TREES = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        LEAVES, lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=3), parts, max_size=3)
    ),
    max_size=4,
)


def click(**more: Any) -> ReportedActivity:
    return ReportedActivity(**{"action": ActivityAction.BUTTON_CLICK, "resource": "buy", **more})


def nested(levels: int) -> Any:
    return {} if levels == 1 else {"a": nested(levels - 1)}


@given(seconds=st.integers(-(10**9), 10**9))
def test_a_timestamp_is_clamped_to_the_last_day(seconds: int) -> None:
    moment = NOW + timedelta(seconds=seconds)
    clamped = reports.clamp(moment, NOW)
    assert NOW - timedelta(days=1) <= clamped <= NOW
    assert (clamped == moment) is (-86_400 <= seconds <= 0)


def test_a_missing_timestamp_is_the_current_time() -> None:
    assert reports.clamp(None, NOW) == NOW


@given(metadata=TREES)
def test_metadata_is_stored_unchanged_or_refused_with_its_path(metadata: dict[str, Any]) -> None:
    try:
        (row,) = reports.check_reported([click(metadata=metadata)], NOW)
    except DomainError as error:
        assert error.field == ("activities", "0", "metadata")  # noqa: PT017 - either outcome is right
    else:
        assert row["metadata"] == metadata or metadata != metadata  # noqa: PLR0124 - NaN
        assert len(orjson.dumps(metadata)) <= reports.METADATA_BYTES


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        (nested(5), "METADATA_TOO_LARGE"),
        ({"a": [[[[]]]]}, "METADATA_TOO_LARGE"),
        ({"a": "x" * 2_000}, "METADATA_TOO_LARGE"),
        ({"a": "é" * 1_000}, "METADATA_TOO_LARGE"),
        ([1], "INVALID"),
        ("text", "INVALID"),
        (None, "INVALID"),
        ({"a": "x\x00"}, "INVALID"),
        ({"a\x00": [{}]}, "INVALID"),
        ({"a": ["\ud800"]}, "INVALID"),
        ({"a": 2**64}, "INVALID"),
    ],
)
def test_metadata_beyond_the_limits_is_refused(metadata: Any, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        reports.check_reported([click(), click(metadata=metadata)], NOW)
    assert (caught.value.code, caught.value.field) == (code, ("activities", "1", "metadata"))


def test_metadata_within_the_limits_is_stored() -> None:
    kept = nested(4) | {"text": "x" * 1_900, "escaped": "\\u0000"}
    assert reports.check_reported([click(metadata=kept)], NOW)[0]["metadata"] == kept


def test_deep_metadata_is_refused_without_reading_it_to_the_end() -> None:
    with pytest.raises(DomainError, match="4 levels"):
        reports.check_reported([click(metadata=nested(900))], NOW)


def test_a_batch_contains_at_most_fifty_activities() -> None:
    assert len(reports.check_reported([click()] * 50, NOW)) == 50
    with pytest.raises(DomainError, match="at most 50 activities; this one has 51") as caught:
        reports.check_reported([click()] * 51, NOW)
    assert caught.value.code == "BATCH_TOO_LARGE"
    assert reports.check_reported([], NOW) == []


@pytest.mark.parametrize("resource", ["", "  ", "x" * 256, "a\x00", "\ud800"])
def test_a_resource_that_cannot_be_stored_is_refused(resource: str) -> None:
    with pytest.raises(DomainError) as caught:
        reports.check_reported([click(resource=resource)], NOW)
    assert caught.value.field == ("activities", "0", "resource")


@pytest.mark.parametrize("resource", ["blue-mug", "123", "{}", "x" * 36])
def test_a_product_view_requires_the_id_of_a_product(resource: str) -> None:
    with pytest.raises(DomainError, match="product's id"):
        reports.check_reported([click(action=ActivityAction.PRODUCT_VIEW, resource=resource)], NOW)


def test_repeated_views_of_a_product_are_one_product() -> None:
    mug, pot = new_id(), new_id()
    views = [click(action=ActivityAction.PRODUCT_VIEW, resource=str(each)) for each in (mug, pot, mug)]
    page = click(action=ActivityAction.PAGE_VIEW, resource=str(pot))
    assert reports.viewed_in(reports.check_reported([*views, page, click()], NOW)) == [mug, pot]
