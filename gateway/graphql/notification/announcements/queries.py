"""Queries of announcements."""

from typing import Annotated
from uuid import UUID

import strawberry

from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.notification.announcements.inputs import AnnouncementFilterInput
from gateway.graphql.notification.announcements.types import READ_PROMOTIONS, Announcement


@strawberry.type
class AnnouncementQuery:
    """The fields of Query about announcements."""

    @query(READ_PROMOTIONS)
    async def announcements(
        self,
        info: Info,
        filter: Annotated[
            AnnouncementFilterInput | None, strawberry.argument(description="Conditions; all by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Announcement]:
        """The announcements, newest first, with their progress."""
        context, conditions = info.context, filter or AnnouncementFilterInput()
        announcements = context.services.notification.marketing.announcements
        page = PageArgs(first, after, last, before)
        return Connection[Announcement].of(await announcements.find(context.reader, page, conditions.as_filter()))

    @query(READ_PROMOTIONS)
    async def announcement(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id that `announcementSend` returned.")],
    ) -> Announcement | None:
        """An announcement by id; null when there is none."""
        announcements = info.context.services.notification.marketing.announcements
        found = await announcements.by_id(info.context.reader, [id])
        return present(Announcement, found[0]) if found else None
