"""The members of a company who may do something: found by their roles, in the company only."""

from typing import Any
from uuid import UUID

from domains.auth import sql
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role.models import NewRole, SystemRole
from tests.domains.actors import ADMIN_ID, MANAGER_ID, SUPER_ADMIN_ID, make_membership, make_user
from tests.domains.auth.conftest import Shop
from tests.domains.auth.test_plans import FILL

INVITE = """
update memberships set accepted_at = null, invited_email = 'ann@example.com', invited_first_name = '',
       invited_last_name = '', invited_search_text = '' where user_id = $1
"""
SEES_ORDERS = Grant(PermissionResource.ORDERS, PermissionAction.READ)
SEES_STOCK = Grant(PermissionResource.INVENTORY, PermissionAction.READ)


async def found(shop: Shop, grant: Grant = SEES_ORDERS, take: int = 50) -> list[UUID]:
    with counting() as counted:
        ids = await shop.auth.members.with_permission(shop.db.reader(shop.company_id), grant, take=take)
    assert counted.data == 1
    return ids


async def test_members_are_found_by_grants_of_their_roles(shop: Shop) -> None:
    roles = shop.auth._roles
    (only_stock,) = [
        each.id
        for each in await roles.permissions.find_by_id(shop.db.reader(shop.company_id), await all_permissions(shop))
        if (each.resource, each.action) == SEES_STOCK
    ]
    storekeeper = await shop.run(roles.create_role, shop.system, NewRole(name="Store", permission_ids=[only_stock]))
    admin, manager = await shop.account(SystemRole.ADMIN), await shop.account(SystemRole.MANAGER)
    keeper = await shop.account()
    await shop.run(shop.auth.assign_role, shop.system, keeper.id, storekeeper.id)
    assert await found(shop) == [admin.id, manager.id]
    assert await found(shop, SEES_STOCK) == [admin.id, manager.id, keeper.id]
    assert await found(shop, take=1) == [admin.id]


async def all_permissions(shop: Shop) -> list[UUID]:
    rows = await shop.db.reader(shop.company_id).fetch("select id from permissions")
    return [row["id"] for row in rows]


async def test_only_active_members_who_accepted_are_found(shop: Shop, owner: Any, other_company: UUID) -> None:
    disabled, ended, invited, foreign = [await make_user(owner) for _ in range(4)]
    for user_id in (disabled, ended, invited):
        await make_membership(owner, shop.company_id, user_id, MANAGER_ID)
    await make_membership(owner, other_company, foreign, ADMIN_ID)
    assert await found(shop) == [disabled, ended, invited]
    await owner.execute("update users set is_active = false where id = $1", disabled)
    await owner.execute("update memberships set is_active = false where user_id = $1", ended)
    await owner.execute(INVITE, invited)
    assert await found(shop) == []


async def test_super_administrators_are_found_once_they_are_members(shop: Shop, owner: Any) -> None:
    super_administrator = await shop.account(SystemRole.SUPER_ADMIN)
    assert super_administrator.role_id == SUPER_ADMIN_ID
    assert await found(shop) == []
    await shop.login(super_administrator.email)
    assert await found(shop) == [super_administrator.id]


async def test_no_customer_is_read(shop: Shop, owner: Any) -> None:
    await owner.execute(FILL, f"{new_id().hex}-", shop.company_id)
    await shop.account(SystemRole.MANAGER)
    await owner.execute("analyze users, memberships, roles, role_permissions, permissions")
    values = (shop.company_id, "ORDERS", ["READ", "MANAGE"], 50)
    rows = await shop.db.reader(shop.company_id).fetch(f"explain {sql._WITH_GRANT}", *values)
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan on memberships" not in plan
    assert "Seq Scan on users" not in plan
