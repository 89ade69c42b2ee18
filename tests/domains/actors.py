"""Actors for the tests of services, with the permissions of each system role."""

from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor, ActorKind, ActorRole
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource

EVERYTHING = frozenset(Grant(resource, PermissionAction.MANAGE) for resource in PermissionResource)
SUPER_ADMIN_ID = UUID("00000000-0000-7000-8002-000000000001")
ADMIN_ID = UUID("00000000-0000-7000-8002-000000000002")
MANAGER_ID = UUID("00000000-0000-7000-8002-000000000003")
SUPPORT_ID = UUID("00000000-0000-7000-8002-000000000004")
CUSTOMER_ID = UUID("00000000-0000-7000-8002-000000000005")


def administrator(company: UUID) -> Actor:
    """An administrator of the company."""
    return member(company, "ADMIN", 80, EVERYTHING, role_id=ADMIN_ID)


def super_administrator(company: UUID) -> Actor:
    """A super administrator in the company."""
    return member(company, "SUPER_ADMIN", 100, EVERYTHING, role_id=SUPER_ADMIN_ID)


def member(
    company: UUID, code: str, priority: int, grants: frozenset[Grant], *, role_id: UUID | None = None
) -> Actor:
    """A user with a role of this priority and these grants."""
    role = ActorRole(role_id or new_id(), code, priority)
    return Actor(ActorKind.USER, company, user_id=new_id(), role=role, grants=grants)


async def make_user(owner: Any, *, role_id: UUID = CUSTOMER_ID) -> UUID:
    """A user of the platform in the database."""
    user_id = new_id()
    await owner.execute(
        "insert into users (id, email, role_id, updated_at) values ($1, $2, $3, now())",
        user_id,
        f"{user_id.hex}@example.com",
        role_id,
    )
    return user_id


async def make_membership(db: Any, company: UUID, user_id: UUID, role_id: UUID) -> None:
    """Add a user to a company, with a role."""
    await db.execute(
        "insert into memberships (id, company_id, user_id, role_id, updated_at) values ($1, $2, $3, $4, now())",
        new_id(),
        company,
        user_id,
        role_id,
    )
