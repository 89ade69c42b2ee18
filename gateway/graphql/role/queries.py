"""Queries of roles and permissions."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.role.inputs import PermissionFilterInput, RoleFilterInput, RoleSortInput
from gateway.graphql.role.types import READ_ROLES, Permission, Role

READ_PERMISSIONS = requires(PermissionResource.PERMISSIONS, PermissionAction.READ)


@strawberry.type
class RoleQuery:
    """The role domain's fields of Query."""

    @query(READ_ROLES)
    async def roles(
        self,
        info: Info,
        filter: Annotated[
            RoleFilterInput | None,
            strawberry.argument(description="Conditions on the roles; all roles by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="A text that occurs in the name or code, ignoring case; null or empty for all."
            ),
        ] = None,
        sort_by: Annotated[
            RoleSortInput | None, strawberry.argument(description="The order; highest priority first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Role]:
        """The roles of the company and of the system."""
        page = await info.context.services.role.find_roles(
            info.context.reader,
            PageArgs(first, after, last, before),
            search=search,
            is_system=filter.is_system if filter else None,
            sort=(sort_by or RoleSortInput()).as_sort(),
        )
        return Connection[Role].of(page)

    @query(READ_ROLES)
    async def role(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a role of the company, or of a system role.")],
    ) -> Role | None:
        """A role of the company or of the system by its id; null when there is none."""
        return present(Role, await info.context.services.role.get_role(info.context.reader, id))

    @query(READ_PERMISSIONS)
    async def permissions(
        self,
        info: Info,
        filter: Annotated[
            PermissionFilterInput | None,
            strawberry.argument(description="Conditions on the permissions; all permissions by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Permission]:
        """All permissions that a role can have, by resource and action."""
        filters = filter or PermissionFilterInput()
        page = await info.context.services.role.permissions.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            resource=filters.resource,
            action=filters.action,
        )
        return Connection[Permission].of(page)
