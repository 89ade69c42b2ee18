"""Queries of the caller's own user and sessions, and of the company's members."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.auth.inputs import UserFilterInput, UserSortInput
from gateway.graphql.auth.types import Session, User
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, PUBLIC, present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection

READ_USERS = requires(PermissionResource.USERS, PermissionAction.READ)


@strawberry.type
class AuthQuery:
    """The auth domain's fields of Query."""

    @query(PUBLIC)
    async def me(self, info: Info) -> User | None:
        """The logged-in user; null for a guest."""
        context = info.context
        if not context.actor.is_authenticated:
            return None
        return present(User, await context.services.auth.users.me(context.reader, context.actor))

    @query(AUTHENTICATED)
    async def sessions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Session]:
        """The caller's own active sessions, newest first."""
        context = info.context
        page = PageArgs(first, after, last, before)
        return Connection[Session].of(await context.services.auth.sessions.find(context.reader, context.actor, page))

    @query(READ_USERS)
    async def users(
        self,
        info: Info,
        filter: Annotated[
            UserFilterInput | None,
            strawberry.argument(description="Conditions on the users; all members by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "A part of a name, an e-mail address or a telephone number, ignoring case; null or empty for all."
                )
            ),
        ] = None,
        sort_by: Annotated[
            UserSortInput | None, strawberry.argument(description="The order; newest members first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[User]:
        """The members of this company: staff and customers."""
        context = info.context
        filters = (filter or UserFilterInput()).as_model(search)
        sort = sort_by or UserSortInput()
        page = await context.services.auth.members.find(
            context.reader,
            PageArgs(first, after, last, before),
            filter=filters,
            sort=sort.field,
            descending=sort.direction is SortDirection.DESC,
        )
        return Connection[User].of(page)

    @query(READ_USERS)
    async def user(
        self,
        info: Info,
        id: Annotated[
            UUID, strawberry.argument(description="The id of a member of staff or a customer of this company.")
        ],
    ) -> User | None:
        """A member of this company by id; null when there is none."""
        return present(User, await info.context.services.auth.members.get(info.context.reader, id))
