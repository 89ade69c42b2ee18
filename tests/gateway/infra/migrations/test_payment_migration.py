"""The migration of payments: statuses are renamed, settings move to their own table, and nothing is lost."""

from pathlib import Path

from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

BEFORE = "20261128011000_payment_port"
COMPANY = """
insert into companies (id, name, slug, currency, card_payments, invoice_payments, cash_on_delivery, updated_at)
values ($1, $2, $2, 'EUR', $3::payment_audience, $4::payment_audience, $5::payment_audience, now())
"""
ORDER = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, updated_at)
values ($1, $2, $1::uuid::text, 'ada@example.com', 'EUR', 10, 0, 0, 0, 10, 0, true, now())
"""
PAYMENT = """
insert into payments (id, company_id, order_id, provider, method, status, amount, currency, provider_transaction_id,
  failure_code, void_requested_at, settled_at, updated_at)
values ($1, $2, $3, 'MOCK', 'CARD', $4::text::payment_status, 10, 'EUR', $1::uuid::text, $5,
  case when $6 then now() end, case when $4 not in ('PENDING', 'UNKNOWN') then now() end, now())
"""
CHARGE = (
    "insert into mock_charges (reference, transaction_id, status, amount, currency) values ($1, $2, $3, 10, 'EUR')"
)
# status before, failure code, whether it is to be undone: status after, reason
PAYMENTS = {
    ("PENDING", None, False): ("PENDING", None),
    ("SUCCEEDED", None, False): ("SUCCEEDED", None),
    ("SUCCEEDED", None, True): ("SUCCEEDED", None),
    ("DECLINED", "CARD_DECLINED", False): ("FAILED", "CARD_DECLINED"),
    ("DECLINED", "INSUFFICIENT_FUNDS", False): ("FAILED", "INSUFFICIENT_FUNDS"),
    ("DECLINED", "TEST_CARD_REQUIRED", False): ("FAILED", "METHOD_NOT_SUPPORTED"),
    ("DECLINED", None, False): ("FAILED", "PROVIDER_ERROR"),
    ("UNKNOWN", "NO_ANSWER", False): ("PROCESSING", None),
    ("UNKNOWN", "NO_ANSWER", True): ("PROCESSING", None),
    ("VOIDED", "VOIDED", True): ("CANCELLED", None),
}


async def test_every_payment_and_setting_is_kept(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(BEFORE, tmp_path))
    async with connected(empty_database) as connection:
        audiences = {
            "closed": ("NOBODY", "NOBODY", "NOBODY"),
            "open": ("EVERYONE", "EVERYONE", "EVERYONE"),
            "new": ("EVERYONE", "CUSTOMERS", "NOBODY"),
        }
        companies = {slug: new_id() for slug in audiences}
        for slug, given in audiences.items():
            await connection.execute(COMPANY, companies[slug], slug, *given)
        expected = {}
        for (status, code, is_undone), after in PAYMENTS.items():
            order_id, payment_id = new_id(), new_id()
            await connection.execute(ORDER, order_id, companies["open"])
            await connection.execute(PAYMENT, payment_id, companies["open"], order_id, status, code, is_undone)
            expected[payment_id] = (*after, code, is_undone, "AUTOMATIC")
        for status in ("APPROVED", "DECLINED", "VOIDED"):
            await connection.execute(CHARGE, new_id(), status, status)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        rows = await connection.fetch(
            "select id, status::text, failure_reason::text, failure_code, cancel_requested_at is not null, "
            "capture_method::text from payments"
        )
        assert {row[0]: tuple(row)[1:] for row in rows} == expected
        settings = await connection.fetch(
            "select c.slug, s.card_payments::text, s.invoice_payments::text, s.cash_on_delivery::text "
            "from payment_settings s join companies c on c.id = s.company_id where s.payment_provider is null"
        )
        assert {row[0]: tuple(row)[1:] for row in settings if row[0] in audiences} == audiences
        books = await connection.fetch("select status, capture_method::text from mock_charges order by 1")
        assert [tuple(row) for row in books] == [
            ("APPROVED", "AUTOMATIC"),
            ("DECLINED", "AUTOMATIC"),
            ("VOIDED", "AUTOMATIC"),
        ]
