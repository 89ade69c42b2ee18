"""The events of the activity domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecorded(Event):
    """A frontend has reported a batch of at most 50 activities of one visitor, which were logged.

    Anyone may report activities, and they are deleted after 90 days.
    """

    topic: ClassVar[str] = "activity.recorded"
    activity_ids: list[UUID]

    @property
    def aggregate_id(self) -> UUID:
        """The first activity of the batch."""
        return self.activity_ids[0]
