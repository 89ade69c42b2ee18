"""Logged activities, and the activities that frontends report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.activity.data import ActivityAction
from domains.activity.data import ActivityLogRow as ActivityLog

__all__ = ["ActivityAction", "ActivityFilter", "ActivityLog", "ReportedActivity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedActivity:
    """An activity as a frontend reports it. The `resource` of a PRODUCT_VIEW is the product's id."""

    action: ActivityAction
    resource: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    timestamp: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilter:
    """Conditions on activities, which are combined with AND. The time range includes `start` and excludes `end`."""

    ids: tuple[UUID, ...] | None = None
    user_id: UUID | None = None
    action: ActivityAction | None = None
    resource: str | None = None
    start: datetime | None = None
    end: datetime | None = None
