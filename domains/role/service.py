"""Roles and their permissions: created and changed within the actor's own priority and permissions."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

import asyncpg

from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import TEXT_LENGTH, Required, optional_text, require_text
from domains.kernel.validation import collect_errors
from domains.role import data, events, hierarchy, sql
from domains.role.data import RoleUpdate, RoleWhere
from domains.role.errors import PermissionNotFound, RoleCodeTaken, RoleInUse, RoleNotFound, SystemRoleFixed
from domains.role.grants import GrantCache
from domains.role.models import NewRole, Permission, Role, RoleChanges, SystemRole, grant_of
from domains.role.permissions import Permissions

CountUsers: TypeAlias = Callable[[Tx, UUID], Awaitable[int]]
"""Counts the users with a role, in the company or on the platform; implemented by auth, on a higher floor."""
BY_PRIORITY: Final = Sort("priority", int, "desc")
BY_NAME: Final = Sort("name", str)
BY_CREATION: Final = Sort("created_at", datetime)


class RoleService:
    """The roles of a company and of the system.

    A company's roles are written in a transaction of the company; the system's, within limits and by the super
    administrator only, in one of the platform (`Database.run(…, platform=True)`).
    """

    def __init__(self) -> None:
        self.grants = GrantCache()
        self.permissions = Permissions()

    async def find_roles(
        self,
        db: Reader,
        page: PageArgs,
        *,
        search: str | None = None,
        is_system: bool | None = None,
        sort: Sort = BY_PRIORITY,
    ) -> Page[Role]:
        """The company's roles and the system's; `search` looks in name and code."""
        where: RoleWhere = {}
        if (match := containing(search)) is not None:
            where["OR"] = [{"name": match}, {"code": match}]
        if is_system is not None:
            where["is_system"] = is_system
        return await fetch_page(data.role, db, page, sort=sort, where=where)

    async def get_role(self, db: Reader, role_id: UUID) -> Role:
        """A role of the company or of the system. Raises RoleNotFound."""
        role = await data.role.find_unique(db, id=role_id)
        if role is None:
            raise RoleNotFound
        return role

    async def roles_by_id(self, db: Reader, role_ids: Sequence[UUID]) -> list[Role]:
        """Those of the roles that belong to the company or to the system."""
        return await data.role.find_many(db, where={"id": {"in": role_ids}})

    async def system_role(self, db: Reader, code: SystemRole) -> Role:
        """One of the system's roles. Raises RoleNotFound when the migrations have not run."""
        role = await data.role.find_first(db, where={"code": code.value, "is_system": True})
        if role is None:
            raise RoleNotFound
        return role

    async def get_role_permissions(self, db: Reader, role_id: UUID) -> list[Permission]:
        """The permissions of a role, by resource and action. Raises RoleNotFound."""
        permissions = await self.permissions.of_roles(db, [role_id])
        if role_id not in permissions:
            await self.get_role(db, role_id)
        return permissions.get(role_id, [])

    async def require_assignable(self, db: Reader, actor: Actor, role_id: UUID) -> Role:
        """The role, when the actor may assign it: it ranks no higher than the actor's own, and grants no more.

        In a transaction a company's role is locked, so that it cannot be deleted meanwhile.
        Raises RoleNotFound, RoleAboveOwn and GrantNotHeld.
        """
        role = await data.role.find_unique(db, id=role_id)
        if role is not None and role.company_id is not None and isinstance(db, Tx):
            role = await data.role.find_unique(db, id=role_id, lock=True)
        if role is None:
            raise RoleNotFound("role_id")
        hierarchy.require_assignable_by(actor, role, await self.grants.get(db, role.id, role.version))
        return role

    async def create_role(self, tx: Tx, actor: Actor, new: NewRole) -> Role:
        """Create a role of the actor's company, below the actor's own, with permissions that the actor has.

        Raises, of all fields at once, Required, TooLong, RoleCodeInvalid, RoleCodeTaken, PriorityInvalid,
        PriorityTooHigh, PermissionNotFound and GrantNotHeld. Emits role.created.
        """
        name = ""
        with collect_errors() as errors:
            with errors:
                name = require_text(new.name, field=("name",))
            with errors:
                if name or new.code is not None:  # a code cannot be made without both
                    code = hierarchy.require_code(new.code, name)
                    await self._require_unused_code(tx, code)
            with errors:
                priority = hierarchy.require_priority(actor, new.priority)
            with errors:
                description = optional_text(new.description, field=("description",), max_length=TEXT_LENGTH)
            with errors:
                if new.permission_ids:
                    hierarchy.require_may_assign_permissions(actor)
                permissions = await self._find_permissions(tx, actor, new.permission_ids)
        try:
            role = await data.role.create(
                tx, {"name": name, "code": code, "priority": priority, "description": description}
            )
        except asyncpg.UniqueViolationError as error:
            raise RoleCodeTaken(code) from error
        await sql.add_permissions(tx, role.id, sorted(permissions))
        tx.emit(events.RoleCreated(role_id=role.id, code=role.code, name=role.name))
        return role

    async def update_role(self, tx: Tx, actor: Actor, role_id: UUID, changes: RoleChanges) -> Role:
        """Change a role's name, description or priority; a system role's priority is fixed.

        Raises RoleNotFound, SystemRoleFixed, PriorityInvalid, PriorityTooHigh, Required and TooLong.
        Emits role.updated.
        """
        role = await self._lock_editable(tx, actor, role_id)
        checked = _checked(actor, role, changes)
        changed = sorted(name for name, value in checked.items() if getattr(role, name) != value)
        if not changed:
            return role
        return await self._change(tx, role, checked, changed)

    async def delete_role(self, tx: Tx, actor: Actor, role_id: UUID, *, count_users: CountUsers) -> Role:
        """Delete a company's role that no user has, as `count_users` returns while the role is locked.

        Raises RoleNotFound, SystemRoleFixed, PriorityTooHigh, and RoleInUse with the number of users.
        Emits role.deleted.
        """
        role = await self._lock_editable(tx, actor, role_id)
        if role.is_system:
            raise SystemRoleFixed("System roles cannot be deleted.")
        users = await count_users(tx, role.id)
        if users:
            raise RoleInUse(users)
        await data.role.delete(tx, id=role.id)
        self.grants.invalidate(role.id)
        tx.emit(events.RoleDeleted(role_id=role.id, code=role.code))
        return role

    async def assign_permissions(self, tx: Tx, actor: Actor, role_id: UUID, permission_ids: Sequence[UUID]) -> Role:
        """Replace the permissions of a role; the actor must have those that are added.

        Raises RoleNotFound, SystemRoleFixed, PriorityTooHigh, and of all permissions at once PermissionNotFound and
        GrantNotHeld. Emits role.updated. It applies to the next request of every user with the role.
        """
        role = await self._lock_editable(tx, actor, role_id)
        current = {permission.id for permission in (await self.permissions.of_roles(tx, [role.id])).get(role.id, ())}
        requested = await self._find_permissions(tx, actor, permission_ids, current=current)
        added, removed = requested.keys() - current, current - requested.keys()
        hierarchy.require_core_grants(role, frozenset(map(grant_of, requested.values())))
        if not added and not removed:
            return role
        await sql.remove_permissions(tx, role.id, sorted(removed))
        await sql.add_permissions(tx, role.id, sorted(added))
        return await self._change(tx, role, {}, ["permissions"])

    async def invalidate_cache(self, tx: Tx, role_id: UUID) -> Role:
        """Make every process read the grants of a role again from the next request on. Raises RoleNotFound."""
        role = await data.role.update(tx, id=role_id, data={"version": {"increment": 1}})
        self.grants.invalidate(role_id)
        return role

    async def _change(self, tx: Tx, role: Role, checked: RoleUpdate, changed: list[str]) -> Role:
        updated = await data.role.update(tx, id=role.id, data={**checked, "version": {"increment": 1}})
        self.grants.invalidate(role.id)
        tx.emit(events.RoleUpdated(role_id=role.id, role_version=updated.version, changed=changed))
        return updated

    async def _lock_editable(self, tx: Tx, actor: Actor, role_id: UUID) -> Role:
        """The locked role, when the actor may change it; a system role cannot be locked in a company."""
        role = await data.role.find_unique(tx, id=role_id, lock=True) or await self.get_role(tx, role_id)
        hierarchy.require_editable(actor, role)
        if role.company_id != tx.company_id:
            raise SystemRoleFixed(
                "System roles belong to every company: change them in a transaction of the platform."
            )
        return role

    async def _require_unused_code(self, tx: Tx, code: str) -> None:
        if code in SystemRole.__members__ or await data.role.count(tx, where={"code": code}):
            raise RoleCodeTaken(code)

    async def _find_permissions(
        self, tx: Tx, actor: Actor, ids: Sequence[UUID], *, current: Collection[UUID] = ()
    ) -> dict[UUID, Permission]:
        """The permissions of these ids. The actor must have those that the role does not have yet (not in `current`).

        Raises, for each by its index, PermissionNotFound and GrantNotHeld.
        """
        rows = await data.permission.find_many(tx, where={"id": {"in": sorted(set(ids))}}) if ids else []
        permissions = {permission.id: permission for permission in rows}
        with collect_errors() as errors:
            for index, permission_id in enumerate(ids):
                field = (*hierarchy.PERMISSIONS, str(index))
                with errors:
                    if permission_id not in permissions:
                        raise PermissionNotFound(permission_id, field=field)
                    if permission_id not in current:
                        hierarchy.require_held(actor, [grant_of(permissions[permission_id])], field=field)
        return permissions


def _checked(actor: Actor, role: Role, changes: RoleChanges) -> RoleUpdate:
    checked: RoleUpdate = {}
    with collect_errors() as errors:
        with errors:
            if "name" in changes:
                checked["name"] = require_text(changes["name"] or "", field=("name",))
        with errors:
            if "description" in changes:
                field = ("description",)
                checked["description"] = optional_text(changes["description"], field=field, max_length=TEXT_LENGTH)
        with errors:
            if "priority" in changes and changes["priority"] != role.priority:
                checked["priority"] = _priority(actor, role, changes["priority"])
    return checked


def _priority(actor: Actor, role: Role, priority: int | None) -> int:
    if priority is None:
        raise Required("`priority` must not be null.", field=("priority",))
    if role.is_system:
        raise SystemRoleFixed("A system role's priority is fixed.", field="priority")
    return hierarchy.require_priority(actor, priority)
