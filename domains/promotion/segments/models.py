"""Customer segments, and the inputs that create and change them."""

from collections.abc import Mapping
from typing import Any, TypedDict

from domains.promotion.data import CustomerSegmentMemberRow as CustomerSegmentMember
from domains.promotion.data import CustomerSegmentRow as CustomerSegment

__all__ = ["CustomerSegment", "CustomerSegmentMember", "NewSegment", "SegmentChanges"]


class SegmentChanges(TypedDict, total=False):
    """Changes to a segment. Absent fields do not change. `conditions` is the form that `conditions.checked` reads."""

    name: str | None
    description: str | None
    conditions: Mapping[str, Any] | None


class NewSegment(SegmentChanges):
    """A segment to create; `name` and `conditions` are required."""
