"""The products that a user viewed last."""

from uuid import UUID

from domains.activity.service import ActivityService
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.pages import MAX_PAGE


class RecentlyViewed:
    """Reads the products that users viewed last out of the activity log, which keeps 90 days."""

    def __init__(self, activity: ActivityService) -> None:
        self._activity = activity

    async def find(self, db: Reader, actor: Actor, take: int = 20) -> list[UUID]:
        """The ids of the products that the actor viewed last, newest first, each once; none for a guest.

        At most `take`, and never more than 100. One statement.
        """
        if actor.user_id is None:
            return []
        return await self._activity.last_viewed(db, actor.user_id, min(max(take, 0), MAX_PAGE))
