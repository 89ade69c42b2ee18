"""Permissions, and the roles that have them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.role import data, sql
from domains.role.data import PermissionWhere
from domains.role.models import Permission, Role


class Permissions:
    """Finds permissions, those of roles, and the roles that have them."""

    async def find(
        self,
        db: Reader,
        page: PageArgs,
        *,
        resource: PermissionResource | None = None,
        action: PermissionAction | None = None,
    ) -> Page[Permission]:
        """One page of the permissions that exist. Without filters, all of them."""
        where: PermissionWhere = {}
        if resource is not None:
            where["resource"] = resource
        if action is not None:
            where["action"] = action
        return await fetch_page(data.permission, db, page, sort=Sort("id", UUID), where=where)

    async def find_by_id(self, db: Reader, permission_ids: Sequence[UUID]) -> list[Permission]:
        """The permissions of these ids, in no order. One statement."""
        return await data.permission.find_many(db, where={"id": {"in": permission_ids}})

    async def of_roles(self, db: Reader, role_ids: Sequence[UUID]) -> Mapping[UUID, list[Permission]]:
        """The permissions of each role that has any, by resource and action. One statement."""
        permissions_by_role: defaultdict[UUID, list[Permission]] = defaultdict(list)
        for role_id, permission in await sql.permissions_of(db, role_ids):
            permissions_by_role[role_id].append(permission)
        return permissions_by_role

    async def roles_with(self, db: Reader, permission_ids: Sequence[UUID]) -> Mapping[UUID, list[Role]]:
        """The roles that have each permission, highest priority first. One statement."""
        roles_by_permission: defaultdict[UUID, list[Role]] = defaultdict(list)
        for permission_id, role in await sql.roles_of(db, permission_ids):
            roles_by_permission[permission_id].append(role)
        return roles_by_permission
