"""The invariants of roles find each damage, and nothing in a new installation."""

from typing import Any

import pytest

from domains.role.invariants import INVARIANTS
from tests.conftest import Undo

RULES = {invariant.rule: invariant.query for invariant in INVARIANTS}


@pytest.mark.parametrize("rule", RULES)
async def test_a_new_installation_violates_no_invariant(owner: Any, rule: str) -> None:
    assert await owner.fetch(RULES[rule]) == []


LOSES = (
    "delete from role_permissions using roles where role_id = roles.id and code = '{}'"
    " and permission_id in (select id from permissions where resource in ('ROLES', 'ORDERS'))"
)


@pytest.mark.parametrize(
    ("rule", "damage", "found"),
    [
        ("Every system role exists", "update roles set priority = 50 where code = 'SUPPORT'", ["SUPPORT"]),
        (
            "There is a permission for every action on every resource",
            "delete from permissions where resource = 'ORDERS' and action = 'IMPORT'",
            ["ORDERS"],
        ),
        ("The super administrator has every permission", LOSES.format("SUPER_ADMIN"), ["ORDERS", "ROLES"]),
        ("Administrators can govern their company", LOSES.format("ADMIN"), ["ROLES"]),
    ],
)
async def test_each_damage_is_found_by_its_invariant(owner: Any, rule: str, damage: str, found: list[str]) -> None:
    async with owner.acquire() as connection:
        with pytest.raises(Undo):
            await _break_and_undo(connection, damage, RULES[rule], found)


async def _break_and_undo(connection: Any, damage: str, query: str, found: list[str]) -> None:
    async with connection.transaction():
        await connection.execute(damage)
        assert sorted(row[0] for row in await connection.fetch(query)) == found
        raise Undo
