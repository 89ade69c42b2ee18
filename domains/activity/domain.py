"""The declaration of the activity domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.activity.service import ActivityService
from domains.kernel.domain import Domain, Job, Parts
from domains.kernel.permissions import PermissionResource


def build(parts: Parts) -> ActivityService:
    """The activity log."""
    return ActivityService(parts.cache, parts.clock)


def jobs(activity: ActivityService) -> Sequence[Job]:
    """Deletes what is older than it is kept."""
    return (Job("delete old activity", timedelta(hours=1), activity.tidy),)


DOMAIN: Final = Domain(name="activity", build=build, jobs=jobs, permissions=(PermissionResource.ANALYTICS,))
