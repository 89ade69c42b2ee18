"""`commerce settlements import`: its output and its exit code."""

from pathlib import Path
from typing import Final

import pytest

from domains.kernel.errors import NotFound
from domains.kernel.ids import new_id
from gateway.commands.settlements.import_reports import import_files
from gateway.infra.postgres import connected
from gateway.settings import Settings
from tests.domains.payment.conftest import ORDER
from tests.domains.payment.settlements.report_files import stripe, stripe_row

PAYMENT: Final = """
insert into payments (id, company_id, order_id, provider, method, status, failure_reason, amount, currency,
  settled_at, updated_at)
values ($1, $2, $3, 'STRIPE', 'CARD', 'FAILED', 'CARD_DECLINED', 5, 'EUR', now(), now())
"""
TRANSACTION: Final = """
insert into payment_transactions (id, company_id, payment_id, provider, type, status, provider_transaction_id, amount,
  currency, processed_at)
values ($1, $2, $1, 'STRIPE', 'CHARGE', 'FAILED', 'ch_1', 5, 'EUR', now())
"""


async def test_reports_are_imported_in_order_and_the_same_file_once(
    empty_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, cut = tmp_path / "report.csv", tmp_path / "cut.csv"
    content = stripe(stripe_row("txn_1", "payout", "-5.00", "0.25", "po_1"), stripe_row("txn_2", "fee", "-1.00"))
    report.write_bytes(content)
    cut.write_bytes(content[:-1])
    settings = Settings(commerce_home=tmp_path)
    assert await import_files(settings, empty_database, [str(report)], "stripe") == 1
    shown = capsys.readouterr()
    assert (shown.out, "Line 2: No payment of this company at the provider" in shown.err) == ("", True)
    async with connected(empty_database) as connection:
        company, order, payment = await connection.fetchval("select id from companies"), new_id(), new_id()
        await connection.execute(ORDER, order, company, order.hex)
        await connection.execute(PAYMENT, payment, company, order)
        await connection.execute(TRANSACTION, payment, company)
    files = [str(cut), str(report), str(report), str(tmp_path / "nowhere.csv")]
    assert await import_files(settings, empty_database, files, "STRIPE") == 1
    shown = capsys.readouterr()
    first, second = shown.out.splitlines()
    told = "2 rows of STRIPE, 0 of them known, gross -6.00, fees 0.25, net -6.25 EUR; 0 open differences."
    assert first == f"{report}: {told}"
    assert (second.startswith(f"{report}: imported before, at 20"), second.endswith(f" UTC; {told}")) == (True, True)
    refused, absent = shown.err.splitlines()
    assert refused.startswith(f"{cut}: Line 4: The file ends in the row that begins here")
    assert refused.endswith("Nothing was imported.")
    assert absent == f"{tmp_path / 'nowhere.csv'}: No such file or directory."
    assert await import_files(settings, empty_database, [str(report)], "STRIPE", "default") == 0
    with pytest.raises(NotFound, match="There is no active company 'nobody'"):
        await import_files(settings, empty_database, [str(report)], "STRIPE", "nobody")
