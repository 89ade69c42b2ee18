"""The doctor finds accounts that violate rules which the database cannot enforce."""

from typing import Any

import pytest

from domains.auth.invariants import INVARIANTS
from domains.kernel.ids import new_id
from domains.role.models import SystemRole
from gateway.infra.postgres import connected
from tests.databases import Server

ROLE = "select id from roles where code = $1 and company_id is null"
DAMAGE = {
    "The platform has an active super administrator": "update users set is_active = false",
    "Roles of users on the platform are system roles": "update users set role_id = $1",
    "Roles of memberships belong to the company or the system": "update memberships set role_id = $1",
    "Users who are disabled on the platform have no active session": (
        "update users set is_active = false where role_id <> $2"
    ),
}


async def violated_rules(connection: Any) -> list[str]:
    return [each.rule for each in INVARIANTS if await connection.fetch(each.query)]


async def create_accounts(connection: Any) -> tuple[Any, Any]:
    """A company with a super administrator, a logged-in customer and a role of another company; two role ids."""
    here, there, foreign = new_id(), new_id(), new_id()
    for company in (here, there):
        await connection.execute(
            "insert into companies (id, name, slug, updated_at) values ($1, 'x', $2, now())", company, company.hex
        )
    await connection.execute(
        "insert into roles (id, company_id, name, code, updated_at) values ($1, $2, 'x', 'X', now())", foreign, there
    )
    boss = await connection.fetchval(ROLE, SystemRole.SUPER_ADMIN)
    customer = await connection.fetchval(ROLE, SystemRole.CUSTOMER)
    for role in (boss, customer):
        user = new_id()
        await connection.execute(
            "insert into users (id, email, role_id, updated_at) values ($1, $2, $3, now())",
            user, f"{user.hex}@example.com", role,
        )  # fmt: skip
        await connection.execute(
            "insert into memberships (id, company_id, user_id, role_id, updated_at) values ($1, $2, $3, $4, now())",
            new_id(), here, user, customer,
        )  # fmt: skip
        await connection.execute(
            "insert into user_sessions (id, user_id, refresh_token, expires_at) values ($1, $2, $3, now())",
            new_id(), user, user.hex * 2,
        )  # fmt: skip
    return foreign, boss


async def test_valid_accounts_violate_no_invariant(server: Server) -> None:
    async with server.database(await server.template()) as url, connected(url) as connection:
        await create_accounts(connection)
        assert await violated_rules(connection) == []


@pytest.mark.parametrize("rule", list(DAMAGE))
async def test_each_damage_to_an_account_is_found(server: Server, rule: str) -> None:
    async with server.database(await server.template()) as url, connected(url) as connection:
        foreign, boss = await create_accounts(connection)
        harm = DAMAGE[rule]
        args = [foreign] if "$1" in harm else [boss] if "$2" in harm else []
        await connection.execute(harm.replace("$2", "$1"), *args)
        assert rule in await violated_rules(connection)
