"""Queries of push devices."""

import strawberry

from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, PUBLIC, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.notification.push_devices.types import PushDevice


@strawberry.type
class PushDeviceQuery:
    """The fields of Query about push devices."""

    @query(AUTHENTICATED)
    async def my_push_devices(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[PushDevice]:
        """The browsers and apps in which the caller asked for push notifications, last used first; at most 20."""
        context = info.context
        devices = context.services.notification.push_devices
        page = PageArgs(first, after, last, before)
        return Connection[PushDevice].of(await devices.find_own(context.reader, context.actor, page))

    @query(PUBLIC)
    async def web_push_public_key(self, info: Info) -> str | None:
        """The `applicationServerKey` (VAPID, base64url) with which a browser subscribes.

        Null while push notifications to browsers are not set up.
        """
        return info.context.services.notification.web_push_key
