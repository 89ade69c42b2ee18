"""What the activity domain shows of itself: what visitors did, and what a frontend reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.activity.data import ActivityAction
from domains.activity.data import ActivityLogRow as ActivityLog

__all__ = ["ActivityAction", "ActivityFilter", "ActivityLog", "Reported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One thing that a frontend says its visitor did; `resource` is a product's id when a product was viewed."""

    action: ActivityAction
    resource: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    timestamp: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilter:
    """Which activities are wanted; everything given must hold. The time range takes its start, not its end."""

    user_id: UUID | None = None
    action: ActivityAction | None = None
    resource: str | None = None
    start: datetime | None = None
    end: datetime | None = None
