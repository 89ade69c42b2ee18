"""Order numbers of companies with orders continue after the earlier sequence; others start at 1."""

from pathlib import Path
from uuid import UUID

from domains.kernel.ids import new_id
from domains.order.checkout.numbers import NEXT
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

COUNTERS = "20261128000500_order_counters"
COMPANY = "insert into companies (id, name, slug, updated_at) values ($1::uuid, 'A shop', $1::uuid::text, now())"
ORDER = """
insert into orders (id, company_id, order_number, email, status, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, guest_token_hash, updated_at)
values ($1::uuid, $2, '2026-' || lpad(nextval('order_numbers')::text, 6, '0'), 'a@example.com', 'PENDING', 'EUR',
  0, 0, 0, 0, 0, 0, true, encode(sha256($1::uuid::text::bytea), 'hex'), now())
"""


async def test_numbers_continue_after_existing_orders_and_otherwise_start_at_one(
    empty_database: str, tmp_path: Path
) -> None:
    await migrate(empty_database, folder=migrations_before(COUNTERS, tmp_path))
    first, second, empty = new_id(), new_id(), new_id()
    async with connected(empty_database) as connection:
        for company in (first, second, empty):
            await connection.execute(COMPANY, company)
        for company in (first, first, second, first):
            await connection.execute(ORDER, new_id(), company)
    await migrate(empty_database)

    async def next_of(company: UUID) -> int:
        async with connected(empty_database) as connection:
            number: int = await connection.fetchval(NEXT, company)
        return number

    assert [await next_of(company) for company in (first, second, second, empty)] == [5, 5, 6, 1]
