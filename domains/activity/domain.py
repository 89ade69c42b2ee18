"""The declaration of the activity domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.activity import events, personal_data
from domains.activity.service import ActivityService
from domains.kernel.domain import Dependencies, Domain, Job, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource

ACTIVITY_LOGS: Final = NodeTable("activity_logs")


def build(dependencies: Dependencies) -> ActivityService:
    """The activity log."""
    return ActivityService(dependencies.cache, dependencies.clock)


def jobs(activity: ActivityService) -> Sequence[Job]:
    """Deletes activities older than 90 days."""
    return (Job("delete old activity", timedelta(hours=1), activity.delete_old),)


DOMAIN: Final = Domain(
    name="activity",
    build=build,
    queue=EventQueue.USER,
    jobs=jobs,
    events=events_in(events),
    permissions=(PermissionResource.ANALYTICS,),
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
