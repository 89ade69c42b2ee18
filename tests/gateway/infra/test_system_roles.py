"""The data of a new installation: all permissions, five roles, one company."""

from typing import Any

from domains.kernel.permissions import PermissionAction, PermissionResource

GRANTS = """
select roles.code, count(*) filter (where permissions.action = 'MANAGE') as managed, count(*) as held
from roles left join role_permissions on role_id = roles.id left join permissions on permissions.id = permission_id
where roles.company_id is null group by roles.code, roles.priority order by roles.priority desc
"""


async def test_every_action_on_every_resource_is_a_permission_with_a_description(owner: Any) -> None:
    rows = await owner.fetch("select resource::text, action::text, description, is_system from permissions")
    assert {(row["resource"], row["action"]) for row in rows} == {
        (resource.value, action.value) for resource in PermissionResource for action in PermissionAction
    }
    assert len({row["description"] for row in rows}) == len(rows) == len(PermissionResource) * len(PermissionAction)
    assert {row["is_system"] for row in rows} == {True}


async def test_the_system_roles_have_descending_priorities(owner: Any) -> None:
    rows = await owner.fetch("select code, priority, is_system from roles where company_id is null order by 2 desc")
    assert [tuple(row.values()) for row in rows] == [
        ("SUPER_ADMIN", 100, True),
        ("ADMIN", 80, True),
        ("MANAGER", 60, True),
        ("SUPPORT", 40, True),
        ("CUSTOMER", 0, True),
    ]


async def test_administrators_have_every_permission_and_customers_none(owner: Any) -> None:
    assert [(row["code"], row["managed"]) for row in await owner.fetch(GRANTS)] == [
        ("SUPER_ADMIN", len(PermissionResource)),
        ("ADMIN", len(PermissionResource)),
        ("MANAGER", 5),
        ("SUPPORT", 0),
        ("CUSTOMER", 0),
    ]


async def test_lower_roles_cannot_change_roles_permissions_or_settings(owner: Any) -> None:
    rows = await owner.fetch(
        "select distinct action::text from role_permissions join permissions on permissions.id = permission_id "
        "join roles on roles.id = role_id where roles.code in ('MANAGER', 'SUPPORT') "
        "and resource in ('ROLES', 'PERMISSIONS', 'SETTINGS')"
    )
    assert [row["action"] for row in rows] == ["READ"]


async def test_a_new_installation_has_one_company_called_default(owner: Any) -> None:
    row = await owner.fetchrow("select id, currency from companies where slug = 'default'")
    assert (str(row["id"]), row["currency"]) == ("00000000-0000-7000-8000-000000000001", "EUR")
