"""SQL of the role domain that the generated verbs cannot express."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role import data
from domains.role.models import Permission, Role

_VISIBLE: Final = "(r.company_id = $1 or r.company_id is null)"
_GRANTS: Final = f"""
select r.version,
       coalesce(array_agg(p.resource::text || ' ' || p.action::text) filter (where p.id is not null), '{{}}')
from roles r
left join role_permissions rp on rp.role_id = r.id
left join permissions p on p.id = rp.permission_id
where {_VISIBLE} and r.id = $2
group by r.id
"""
_PERMISSIONS: Final = f"""
select r.id, {data.permission.columns("p")}
from roles r
join role_permissions rp on rp.role_id = r.id
join permissions p on p.id = rp.permission_id
where {_VISIBLE} and r.id = any($2)
order by p.resource, p.action
"""
_ROLES: Final = f"""
select rp.permission_id, {data.role.columns("r")}
from role_permissions rp
join roles r on r.id = rp.role_id
where {_VISIBLE} and rp.permission_id = any($2)
order by r.priority desc, r.id
"""
_ADD: Final = """
insert into role_permissions (role_id, permission_id, company_id)
select $2, permission_id, $1::uuid from unnest($3::uuid[]) as added (permission_id)
"""
_REMOVE: Final = """
delete from role_permissions
where company_id is not distinct from $1::uuid and role_id = $2 and permission_id = any($3)
"""


async def grants_of(db: Reader, role_id: UUID) -> tuple[int, frozenset[Grant]] | None:
    """The version of a role and its grants, read together; None when the company has no such role."""
    row = await db.fetch_row(_GRANTS, db.company_id, role_id)
    if row is None:
        return None
    pairs = (name.split() for name in row[1])
    return row[0], frozenset(
        Grant(PermissionResource(resource), PermissionAction(action)) for resource, action in pairs
    )


async def permissions_of(db: Reader, role_ids: Sequence[UUID]) -> list[tuple[UUID, Permission]]:
    """The permissions of roles, each with its role's id, by resource and action."""
    records = await db.fetch(_PERMISSIONS, db.company_id, role_ids)
    return [(record[0], data.permission.from_record(record, 1)) for record in records]


async def roles_of(db: Reader, permission_ids: Sequence[UUID]) -> list[tuple[UUID, Role]]:
    """The roles that have permissions, each with its permission's id, highest priority first."""
    records = await db.fetch(_ROLES, db.company_id, permission_ids)
    return [(record[0], data.role.from_record(record, 1)) for record in records]


async def add_permissions(tx: Tx, role_id: UUID, permission_ids: Sequence[UUID]) -> None:
    """Add permissions that a role does not have; no statement for none."""
    if permission_ids:
        await tx.execute(_ADD, tx.company_id, role_id, permission_ids)


async def remove_permissions(tx: Tx, role_id: UUID, permission_ids: Sequence[UUID]) -> None:
    """Remove permissions from a role; no statement for none."""
    if permission_ids:
        await tx.execute(_REMOVE, tx.company_id, role_id, permission_ids)
