"""Migrations of the kernel's rows: idempotency keys get a version, the inbox keeps its entries."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

VERSIONS = "20261128015000_idempotency_versions"
NAMES = "20261128015001_inbox_names"
ACCOUNT = "20261128015002_account_notices"
EVENT = """
insert into outbox_events (id, topic, aggregate_id, payload, actor_kind)
values ($1, $2, $1, '{}', 'SYSTEM')
"""
ROW = """
insert into idempotency_keys
  (id, company_id, actor_key, operation, key, request_hash, outcome, claimed_at, expires_at)
values ($1, $2, 'user:7', 'order_pay', $1::uuid::text, 'digest', $3, now(), now() + interval '1 day')
"""


async def test_existing_rows_are_of_version_1_and_keep_their_outcome(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(VERSIONS, tmp_path))
    kept: list[Any] = [{"payload": {"order_id": None}, "errors": []}, None]
    async with connected(empty_database) as connection:
        company = await connection.fetchval("select id from companies limit 1")
        for outcome in kept:
            await connection.execute(ROW, new_id(), company, outcome)
        await migrate(empty_database)
        rows = await connection.fetch("select version, outcome from idempotency_keys order by id")
        assert [tuple(row) for row in rows] == [(1, outcome) for outcome in kept]
        with pytest.raises(asyncpg.NotNullViolationError, match="version"):
            await connection.execute(ROW, new_id(), company, None)


async def test_an_event_handled_under_a_module_name_is_not_handled_again(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(NAMES, tmp_path))
    names = {
        "domains.auth.handlers.Notices.send": "notification.account_notices",
        "domains.auth.notices.Notices.send": "notification.account_notices",
        "domains.inventory.handlers.StockProjection.show_stock": "inventory.stock-projection",
        "domains.order.handlers.Purchases.record": "order.purchases",
        "webhook.deliveries": "webhook.deliveries",
    }
    async with connected(empty_database) as connection:
        events = {new_id(): name for name in names}
        insert = "insert into inbox_entries (event_id, handler) values ($1, $2)"
        await connection.executemany(insert, list(events.items()))
        both = next(iter(events))
        await connection.execute(insert, both, "auth.notices")
        await migrate(empty_database)
        rows = await connection.fetch("select event_id, handler from inbox_entries")
        assert {row["event_id"]: row["handler"] for row in rows} == {
            event: names[name] for event, name in events.items()
        }
        assert len(rows) == len(events)


async def test_an_event_of_a_notice_handled_by_auth_is_not_handled_by_account_or_notification(
    empty_database: str, tmp_path: Path
) -> None:
    await migrate(empty_database, folder=migrations_before(ACCOUNT, tmp_path))
    topics = {new_id(): "user.address_changed_by_staff", new_id(): "user.disabled"}
    async with connected(empty_database) as connection:
        for event, topic in topics.items():
            await connection.execute(EVENT, event, topic)
            insert = "insert into inbox_entries (event_id, handler) values ($1, 'auth.notices')"
            await connection.execute(insert, event)
        await migrate(empty_database)
        rows = await connection.fetch("select event_id, handler from inbox_entries")
        address, disabled = topics
        assert {tuple(row) for row in rows} == {
            (address, "notification.account_notices"),
            (disabled, "notification.account_notices"),
        }
