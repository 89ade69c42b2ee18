"""The migration of refund lines: each earlier refund has one adjustment of its amount."""

from decimal import Decimal
from pathlib import Path

from domains.kernel.ids import new_id
from domains.payment.invariants import INVARIANTS
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before
from tests.gateway.infra.migrations.test_transactions_migration import COMPANY, ORDER, PAYMENT, REFUND, THEN

MIGRATION = "20261130090000_refund_lines"
REFUNDS = {"SUCCEEDED": Decimal("3.0000"), "FAILED": Decimal("4.0000"), "PENDING": Decimal("2.0000")}


async def test_every_earlier_refund_has_one_adjustment(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    company, order_id, payment_id = new_id(), new_id(), new_id()
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, company)
        await connection.execute(ORDER, order_id, company)
        await connection.execute(PAYMENT, payment_id, company, order_id, "MANUAL", "SUCCEEDED", "AUTOMATIC", THEN)
        for status, amount in REFUNDS.items():
            given = (payment_id, order_id, amount, status, f"re_{status}", THEN)
            await connection.execute(REFUND, new_id(), company, *given)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        rows = await connection.fetch(
            "select r.status::text, l.kind::text, l.amount, l.tax, l.currency, l.order_id, l.order_item_id, "
            "l.quantity from refunds r left join refund_lines l on l.refund_id = r.id"
        )
        assert {row[0]: tuple(row)[1:] for row in rows} == {
            status: ("ADJUSTMENT", amount, 0, "EUR", order_id, None, None) for status, amount in REFUNDS.items()
        }
        sums = [each for each in INVARIANTS if "sum of its lines" in each.rule]
        assert [await connection.fetch(each.query) for each in sums] == [[]]
