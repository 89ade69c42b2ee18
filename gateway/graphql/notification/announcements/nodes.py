"""Announcements that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.notification.announcements.models import Announcement as AnnouncementModel
from domains.notification.domain import ANNOUNCEMENTS
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.engine.loading import one_per_key
from gateway.graphql.notification.announcements.types import READ_PROMOTIONS, Announcement


async def load_announcements(context: Context, keys: Sequence[UUID]) -> Sequence[AnnouncementModel | None]:
    """Announcements by id."""
    announcements = context.services.notification.marketing.announcements
    return one_per_key(keys, await announcements.by_id(context.reader, keys), lambda row: row.id)


NODES: Final[list[AnyNodeType]] = [NodeType(Announcement, ANNOUNCEMENTS, load_announcements, READ_PROMOTIONS)]
