"""The privileges of the database roles: exactly those that are declared, on every table, also after a restore."""

from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from domains.kernel.prisma.privileges import APPEND_ONLY
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from gateway.infra.privileges import corrections
from gateway.services import privileges_of
from tests.architecture.test_sql_ownership import owners
from tests.databases import Server
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

MIGRATION: Final = "20261129020000_explicit_privileges"
HELD: Final = """
select role, relname, string_agg(privilege, ' ' order by privilege) as held
from pg_class cross join unnest('{commerce_gateway,commerce_relay}'::text[]) role
left join unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) privilege
  on has_table_privilege(role, oid, privilege)
where relkind in ('r', 'p', 'v', 'm', 'f') and relnamespace = 'public'::regnamespace
group by 1, 2
"""
ALL: Final = "DELETE INSERT SELECT UPDATE"
GATEWAY: Final = {
    "_prisma_migrations": None,
    "announcements": "INSERT SELECT UPDATE",
    "email_templates": "INSERT SELECT UPDATE",
    "gift_cards": "INSERT SELECT UPDATE",
    "invoice_counters": "INSERT SELECT UPDATE",
    "invoices": "INSERT SELECT UPDATE",
    "job_runs": None,
    "ledger_accounts": "INSERT SELECT UPDATE",
    "ledger_balances": "INSERT SELECT UPDATE",
    "ledger_daily_sums": "INSERT SELECT UPDATE",
    "ledger_entries": "INSERT SELECT",
    "ledger_lines": "INSERT SELECT",
    "mock_parcels": "INSERT SELECT UPDATE",
    "notification_logs": "DELETE INSERT SELECT",
    "order_counters": "INSERT SELECT UPDATE",
    "order_edits": "INSERT SELECT UPDATE",
    "order_status_history": "INSERT SELECT",
    "payment_accounts": "INSERT SELECT UPDATE",
    "payment_audit_logs": "INSERT SELECT",
    "payment_event_cursors": "INSERT SELECT UPDATE",
    "payment_transactions": "INSERT SELECT",
    "permissions": "SELECT",
    "purchase_orders": "INSERT SELECT UPDATE",
    "queued_notifications": "INSERT",
    "refund_lines": "INSERT SELECT",
    "return_authorizations": "INSERT SELECT UPDATE",
    "return_counters": "INSERT SELECT UPDATE",
    "return_items": "INSERT SELECT UPDATE",
    "return_refunds": "INSERT SELECT UPDATE",
    "return_requests": "INSERT SELECT UPDATE",
    "return_status_history": "INSERT SELECT",
    "return_tracking": "INSERT SELECT",
    "settlement_differences": "INSERT SELECT UPDATE",
    "settlement_lines": "INSERT SELECT UPDATE",
    "settlement_reports": "INSERT SELECT UPDATE",
    "shipping_labels": "INSERT SELECT UPDATE",
    "shipments": "INSERT SELECT UPDATE",
    "shipment_tracking": "INSERT SELECT",
    "stock_alerts": "INSERT SELECT UPDATE",
    "stock_document_counters": "INSERT SELECT UPDATE",
    "stock_movements": "INSERT SELECT",
    "stock_take_lines": "INSERT SELECT UPDATE",
    "stock_takes": "INSERT SELECT UPDATE",
    "stock_transfers": "INSERT SELECT UPDATE",
    "store_credits": "INSERT SELECT UPDATE",
    "webhook_positions": None,
    "webhook_slots": "INSERT",
}
RELAY: Final = {
    "_prisma_migrations": "SELECT",
    "idempotency_keys": "DELETE SELECT",
    "inbox_entries": "DELETE SELECT",
    "job_runs": "INSERT SELECT UPDATE",
    "outbox_events": "DELETE SELECT UPDATE",
    "queued_notifications": "DELETE SELECT UPDATE",
    "webhook_deliveries": "INSERT SELECT UPDATE",
    "webhook_endpoints": "SELECT",
    "webhook_positions": "SELECT UPDATE",
    "webhook_slots": "SELECT UPDATE",
}


async def corrections_of(url: str) -> list[str]:
    async with connected(url) as connection:
        return list(await corrections(connection, privileges_of()))


@pytest.fixture
async def fresh(server: Server) -> Any:
    """The URL of a migrated database of this test only."""
    async with server.database(await server.template()) as url:
        yield url


async def test_the_privileges_on_every_table_are_the_declared_ones(owner: Any) -> None:
    tables = [*owners(), "_prisma_migrations"]
    held = {(row["role"], row["relname"]): row["held"] for row in await owner.fetch(HELD)}
    assert held == {
        **{("commerce_gateway", table): GATEWAY.get(table, ALL) for table in tables},
        **{("commerce_relay", table): RELAY.get(table) for table in tables},
    }
    assert list(await corrections(owner, privileges_of())) == []
    assert await owner.fetchval("select count(*) from pg_default_acl") == 0
    for sequence in await owner.fetch("select sequencename from pg_sequences where schemaname = 'public'"):
        assert await owner.fetchval("select has_sequence_privilege('commerce_gateway', $1, 'usage')", sequence[0])


async def test_a_database_that_allows_too_much_is_corrected_by_the_migration(
    empty_database: str, tmp_path: Path
) -> None:
    """Such as one that was restored before: there the default privileges applied to every table."""
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    async with connected(empty_database) as connection:
        await connection.execute(
            "grant select, insert, update, delete on all tables in schema public to commerce_gateway"
        )
        await connection.execute("alter default privileges in schema public grant all on functions to commerce_relay")
        assert len(await corrections(connection, privileges_of())) == 8
    await migrate(empty_database)
    assert await corrections_of(empty_database) == []
    async with connected(empty_database) as connection:
        await connection.execute("create table later (id int); set role commerce_gateway")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("select from later")


CHANGED: Final = {
    "grant truncate on orders to commerce_gateway": "revoke truncate on orders from commerce_gateway, public;",
    "grant select on users to commerce_relay": "revoke select on users from commerce_relay, public;",
    "revoke insert, update on carts from commerce_gateway": "grant insert, update on carts to commerce_gateway;",
    "revoke all on queued_notifications from commerce_gateway": (
        "grant insert on queued_notifications to commerce_gateway;"
    ),
    "revoke update on job_runs from commerce_relay": "grant update on job_runs to commerce_relay;",
    'create table "Notes" (id int); grant select on "Notes" to commerce_gateway': (
        'grant insert, update, delete on "Notes" to commerce_gateway;'
    ),
    "alter default privileges in schema public grant select on tables to commerce_gateway": (
        "alter default privileges for role {user} in schema public revoke all on tables from commerce_gateway;"
    ),
    "alter default privileges grant delete on tables to commerce_relay": (
        "alter default privileges for role {user} revoke all on tables from commerce_relay;"
    ),
}


@pytest.mark.parametrize(("change", "statement"), CHANGED.items())
async def test_each_difference_is_a_statement_that_ends_it(fresh: str, change: str, statement: str) -> None:
    async with connected(fresh) as connection:
        await connection.execute(change)
        user = await connection.fetchval("select quote_ident(current_user)")
        found = await corrections(connection, privileges_of())
        assert found == [statement.format(user=user)]
        await connection.execute(found[0])
        assert await corrections(connection, privileges_of()) == []


async def test_what_is_granted_to_everyone_is_revoked_from_everyone(fresh: str) -> None:
    async with connected(fresh) as connection:
        await connection.execute("grant update on stock_movements to public")
        found = await corrections(connection, privileges_of())
        assert found == [
            "revoke update on stock_movements from commerce_gateway, public;",
            "revoke update on stock_movements from commerce_relay, public;",
        ]
        await connection.execute(found[0])
        assert await corrections(connection, privileges_of()) == []


async def test_a_table_of_another_program_is_left_alone(fresh: str) -> None:
    async with connected(fresh) as connection:
        await connection.execute("create table notes (id int)")
        assert await corrections(connection, privileges_of()) == []


async def test_a_domain_restricts_its_own_tables(fresh: str) -> None:
    async with connected(fresh) as connection:
        found = await corrections(connection, {**privileges_of(), "reviews": APPEND_ONLY})
    assert found == ["revoke update, delete on reviews from commerce_gateway, public;"]
