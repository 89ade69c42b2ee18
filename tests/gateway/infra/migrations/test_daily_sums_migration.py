"""The migration of daily sums adds up the entries that exist, and later ones wait for the job."""

from pathlib import Path

from domains.kernel.ids import new_id
from domains.ledger.invariants import INVARIANTS
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

BEFORE = "20261130130000_ledger_daily_sums"
COMPANY = "insert into companies (id, name, slug, currency, updated_at) values ($1, $2, $2, $3, now())"
ACCOUNTS = """
insert into ledger_accounts (id, company_id, code, name, type, updated_at)
values (gen_random_uuid(), $1, '1100', 'Receivable', 'ASSET', now()),
  (gen_random_uuid(), $1, '4000', 'Sales', 'INCOME', now())
"""
ENTRY = """
with entry as (
  insert into ledger_entries (id, company_id, kind, source_kind, source_id, currency, line_count, booked_on)
  values ($2, $1, 'SALE', 'order', $2, $3, 2, $4::text::date)
)
insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency, tax_rate, country)
values ($1, $2, 0, '1100', 'DEBIT', 10, $3, null, null),
  ($1, $2, 1, '4000', 'CREDIT', 10, $3, $5::text::numeric, 'DE')
"""
SUMS = """
select account, booked_on::text, tax_rate::text, country, currency, debit::int, credit::int, line_count
from ledger_daily_sums where company_id = $1 order by 1, 2, 3
"""


async def test_earlier_entries_are_added_up(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(BEFORE, tmp_path))
    euro, yen, empty = new_id(), new_id(), new_id()
    async with connected(empty_database) as connection:
        for company, slug, currency in ((euro, "euro", "EUR"), (yen, "yen", "JPY"), (empty, "empty", "EUR")):
            await connection.execute(COMPANY, company, slug, currency)
            await connection.execute(ACCOUNTS, company)
        for company, currency, day, rate in (
            (euro, "EUR", "2026-01-01", "0.19"),
            (euro, "EUR", "2026-01-01", "0.07"),
            (euro, "EUR", "2026-01-01", None),
            (euro, "EUR", "2026-01-01", None),
            (euro, "EUR", "2026-01-02", "0.19"),
            (yen, "JPY", "2026-01-01", "0.1"),
        ):
            await connection.execute(ENTRY, company, new_id(), currency, day, rate)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        assert [tuple(row) for row in await connection.fetch(SUMS, euro)] == [
            ("1100", "2026-01-01", None, None, "EUR", 40, 0, 4),
            ("1100", "2026-01-02", None, None, "EUR", 10, 0, 1),
            ("4000", "2026-01-01", "0.070000", "DE", "EUR", 0, 10, 1),
            ("4000", "2026-01-01", "0.190000", "DE", "EUR", 0, 10, 1),
            ("4000", "2026-01-01", None, "DE", "EUR", 0, 20, 2),
            ("4000", "2026-01-02", "0.190000", "DE", "EUR", 0, 10, 1),
        ]
        assert [tuple(row) for row in await connection.fetch(SUMS, yen)] == [
            ("1100", "2026-01-01", None, None, "JPY", 10, 0, 1),
            ("4000", "2026-01-01", "0.100000", "DE", "JPY", 0, 10, 1),
        ]
        assert await connection.fetch(SUMS, empty) == []
        assert await connection.fetchval("select count(*) from ledger_unsummed_entries") == 0
        await connection.execute(ENTRY, euro, late := new_id(), "EUR", "2026-01-02", "0.19")
        assert await connection.fetchval("select entry_id from ledger_unsummed_entries") == late
        assert [await connection.fetch(invariant.query) for invariant in INVARIANTS] == [[]] * len(INVARIANTS)
