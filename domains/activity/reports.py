"""Validation of reported activities. Anyone may report, so every value is bounded. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from domains.activity.data import ActivityLogCreate
from domains.activity.errors import BatchTooLarge, MetadataTooLarge
from domains.activity.models import ActivityAction, ReportedActivity
from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import NAME_LENGTH, require_text
from domains.kernel.validation import collect_errors

MAX_BATCH: Final = 50
METADATA_BYTES: Final = 2_000
METADATA_DEPTH: Final = 4
ROW_BYTES: Final = 300  # ids, times, IP address and user agent
OLDEST: Final = timedelta(days=1)


def check_reported(reported: Sequence[ReportedActivity], now: datetime) -> list[ActivityLogCreate]:
    """The reported activities as they are stored, their times clamped to the last day.

    Raises BatchTooLarge, and for all activities at once MetadataTooLarge, Required, TooLong and InvalidInput. One
    invalid activity refuses the batch.
    """
    if len(reported) > MAX_BATCH:
        raise BatchTooLarge(len(reported), MAX_BATCH)
    rows = []
    with collect_errors() as errors:
        for index, activity in enumerate(reported):
            with errors:
                rows.append(_check_activity(activity, str(index), now))
    return rows


def viewed_in(rows: Sequence[ActivityLogCreate]) -> list[UUID]:
    """The ids of the viewed products, each once."""
    viewed = (row.get("product_id") for row in rows)
    return list(dict.fromkeys(product_id for product_id in viewed if product_id is not None))


def size_of(reported: Sequence[ReportedActivity]) -> int:
    """The approximate size of the activities in the log, in bytes."""
    return sum(ROW_BYTES + len(activity.resource) + len(str(activity.metadata)) for activity in reported)


def _check_activity(activity: ReportedActivity, index: str, now: datetime) -> ActivityLogCreate:
    field = ("activities", index)
    with collect_errors() as errors:
        with errors:
            resource = require_text(activity.resource, field=(*field, "resource"), max_length=NAME_LENGTH)
            product_id = _product_id(resource, field) if activity.action is ActivityAction.PRODUCT_VIEW else None
        with errors:
            metadata = _metadata(activity.metadata, index)
    return {
        "action": activity.action,
        "resource": resource,
        "product_id": product_id,
        "metadata": metadata,
        "timestamp": clamp(activity.timestamp, now),
    }


def clamp(reported: datetime | None, now: datetime) -> datetime:
    """A reported time moved into the last day, because clients' clocks may be wrong; now when none is given."""
    return now if reported is None else min(max(reported, now - OLDEST), now)


def _product_id(resource: str, field: tuple[str, ...]) -> UUID:
    try:
        return UUID(resource)
    except ValueError:
        raise InvalidInput(
            "For a PRODUCT_VIEW, `resource` must be the product's id.", field=(*field, "resource")
        ) from None


def _metadata(metadata: Mapping[str, Any], index: str) -> dict[str, Any]:
    field = ("activities", index, "metadata")
    if not isinstance(metadata, dict):
        raise InvalidInput("Metadata must be a JSON object.", field=field)
    if _deeper_than(metadata, METADATA_DEPTH):
        raise MetadataTooLarge(f"{METADATA_DEPTH} levels", index)
    try:
        encoded = orjson.dumps(metadata)
    except TypeError:  # a lone surrogate, or a number beyond 64 bits
        raise InvalidInput("Metadata contains a value that JSON cannot represent.", field=field) from None
    if len(encoded) > METADATA_BYTES:
        raise MetadataTooLarge(f"{METADATA_BYTES} bytes", index)
    if b"\\u0000" in encoded and _contains_nul(metadata):
        raise InvalidInput("Metadata contains a NUL character. Remove it.", field=field)
    return metadata


def _deeper_than(value: Any, levels: int) -> bool:
    """Whether containers are nested more deeply than `levels`. Deeper levels are not read."""
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(_deeper_than(child, levels - 1) for child in _children(value))


def _contains_nul(value: Any) -> bool:
    """Whether a string or a key contains NUL, which PostgreSQL's JSON cannot store."""
    if isinstance(value, dict | list):
        return any(map(_contains_nul, _children(value))) or (
            isinstance(value, dict) and any(map(_contains_nul, value))
        )
    return isinstance(value, str) and "\x00" in value


def _children(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value
