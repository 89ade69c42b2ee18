"""Row-level security: with the role of the gateway, SQL neither reads nor writes rows of another company."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from gateway.infra.postgres import RELAY_ROLE, open_pool

UNPROTECTED = {"order_search", "product_facets", "product_search", "search_terms"}
SHARED = {"outbox_events", "role_permissions", "roles"}
OWN = "(company_id = (NULLIF(current_setting('app.company_id'::text, true), ''::text))::uuid)"
OWN_OR_SHARED = (
    "(NOT (company_id IS DISTINCT FROM (NULLIF(current_setting('app.company_id'::text, true), ''::text))::uuid))"
)
CATEGORY = "insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, 'Tea', $3, now())"
ROLE = "insert into roles (id, company_id, name, code, updated_at) values ($1, $2, 'Buyer', $3, now())"


async def tenant_tables(owner: Any) -> dict[str, bool]:
    rows = await owner.fetch(
        "select relname, relrowsecurity from pg_class join pg_attribute on attrelid = pg_class.oid "
        "where attname = 'company_id' and relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    return {row["relname"]: row["relrowsecurity"] for row in rows}


async def category_of(owner: Any, company: UUID) -> UUID:
    category = new_id()
    await owner.execute(CATEGORY, category, company, f"tea-{category.hex}")
    return category


async def test_every_table_of_a_company_has_row_security_except_the_search_tables(owner: Any) -> None:
    tables = await tenant_tables(owner)
    assert len(tables) > 30
    assert {name for name, protected in tables.items() if not protected} == UNPROTECTED


async def test_every_policy_compares_the_company_with_that_of_the_connection(owner: Any) -> None:
    rows = await owner.fetch(
        "select tablename, qual, with_check, cmd, permissive from pg_policies "
        "where policyname = 'of_the_company' and roles = '{commerce_gateway}' and tablename <> 'companies'"
    )
    policies = {row["tablename"]: row["qual"] for row in rows}
    assert {(row["with_check"], row["cmd"], row["permissive"]) for row in rows} == {(None, "ALL", "PERMISSIVE")}
    expected = {name: OWN_OR_SHARED if name in SHARED else OWN for name in await tenant_tables(owner)}
    assert policies == {name: qual for name, qual in expected.items() if name not in UNPROTECTED}


async def test_only_the_listed_policies_allow_more_rows(owner: Any) -> None:
    rows = await owner.fetch(
        "select tablename, policyname, cmd, roles::text from pg_policies where policyname <> 'of_the_company'"
    )
    assert {tuple(row.values()) for row in rows} == {
        ("companies", "found_by_all", "SELECT", "{commerce_gateway}"),
        *(
            (f"{domain}_settings", "read_by_the_platform", "SELECT", "{commerce_gateway}")
            for domain in (
                "cart",
                "catalog",
                "inventory",
                "notification",
                "order",
                "payment",
                "return",
                "shipping",
                "tax",
            )
        ),
        ("idempotency_keys", "tidied", "ALL", "{commerce_relay}"),
        ("outbox_events", "carried", "ALL", "{commerce_relay}"),
        ("queued_notifications", "carried", "ALL", "{commerce_relay}"),
        ("role_permissions", "shared_by_all", "SELECT", "{commerce_gateway}"),
        ("webhook_deliveries", "carried", "ALL", "{commerce_relay}"),
        ("webhook_endpoints", "read_by_the_relay", "SELECT", "{commerce_relay}"),
        ("webhook_slots", "claimed", "ALL", "{commerce_relay}"),
        ("roles", "shared_by_all", "SELECT", "{commerce_gateway}"),
    }


async def test_the_roles_are_neither_superuser_nor_owner(owner: Any) -> None:
    rows = await owner.fetch(
        "select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname ~ '^commerce_' order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("commerce_gateway", False, False, False),
        ("commerce_relay", False, False, False),
    ]
    owned = "select count(*) from pg_class where pg_get_userbyid(relowner) like 'commerce\\_%'"
    assert await owner.fetchval(owned) == 0


async def test_rows_of_another_company_cannot_be_read_or_changed(
    owner: Any, database: Database, tx: Tx, other_company: UUID
) -> None:
    category = await category_of(owner, other_company)
    assert (
        await database.reader(other_company).fetch_value("select name from categories where id = $1", category)
        == "Tea"
    )
    assert await tx.fetch("select * from categories where id = $1", category) == []
    assert await tx.fetch_value("select count(*) from categories") == 0
    assert await tx.execute("update categories set name = 'Mine' where id = $1", category) == 0
    assert await tx.execute("delete from categories where id = $1", category) == 0


async def test_rows_of_another_company_cannot_be_inserted(tx: Tx, other_company: UUID) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with tx.savepoint():
            await tx.execute(CATEGORY, new_id(), other_company, "tea")
    assert tx.company_id is not None
    category = new_id()
    await tx.execute(CATEGORY, category, tx.company_id, "tea")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await tx.execute("update categories set company_id = $1 where id = $2", other_company, category)


async def test_without_a_company_no_rows_of_companies_are_visible(
    owner: Any, database: Database, company: UUID
) -> None:
    await category_of(owner, company)
    assert await database.reader(None).fetch_value("select count(*) from categories") == 0


async def test_system_roles_are_readable_and_not_writable_by_companies(tx: Tx) -> None:
    assert await tx.fetch_value("select count(*) from roles") == 5
    assert await tx.execute("update roles set name = 'Mine' where code = 'ADMIN'") == 0
    assert await tx.execute("delete from role_permissions") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await tx.execute(ROLE, new_id(), None, "BUYER")


async def test_without_a_company_only_shared_rows_are_writable(owner: Any, database: Database, company: UUID) -> None:
    role = new_id()
    await owner.execute(ROLE, role, company, "BUYER")
    async with database.transaction(Actor.system(company), platform=True) as tx:
        assert await tx.execute("update roles set name = name where code = 'ADMIN'") == 1
        assert await tx.execute("update roles set name = 'Mine' where id = $1", role) == 0


async def test_a_company_is_readable_by_all_and_writable_by_itself(tx: Tx, other_company: UUID) -> None:
    assert await tx.fetch_value("select count(*) from companies where id = $1", other_company) == 1
    assert await tx.execute("update companies set name = 'Mine' where id = $1", other_company) == 0
    assert await tx.execute("update companies set name = 'Mine' where id = $1", tx.company_id) == 1


@pytest.mark.parametrize("table", ["stock_movements", "order_status_history"])
@pytest.mark.parametrize("change", ["update {} set id = id", "delete from {}"])
async def test_ledgers_cannot_be_updated(tx: Tx, table: str, change: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tx.execute(change.format(table))


async def test_permissions_and_the_migration_history_are_not_writable(tx: Tx) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with tx.savepoint():
            await tx.execute("delete from permissions")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tx.execute("select * from _prisma_migrations")


async def test_the_relay_has_privileges_on_messages_only(admin_url: str) -> None:
    pool = await open_pool(admin_url, role=RELAY_ROLE, size=1)
    for refused in ("insert into outbox_events default values", "select * from products", "select * from users"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(refused)
    await pool.close()
