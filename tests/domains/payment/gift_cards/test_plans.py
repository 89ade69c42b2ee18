"""The statements of gift cards read no whole table, also in companies with many cards."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from domains.kernel.clock import SystemClock
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.values.secret import Secret
from domains.payment.gift_cards import expiry, personal_data
from domains.payment.gift_cards.listing import GiftCardFilter
from domains.payment.providers.registry import Providers
from domains.payment.service import PaymentService
from domains.payment.tenders import tenders
from gateway.providers.mock.mock_payments import MockPayments
from tests.databases import Server
from tests.domains.payment.conftest import WEBHOOK_SECRET
from tests.domains.payment.services import payment_service
from tests.domains.query_plans import RowPlanReader, filling, scans, two_big_companies, whole_tables_read

EACH: Final = 10_000
SOON: Final = datetime(2027, 1, 1, tzinfo=UTC)
PAGE: Final = PageArgs(first=20)
TABLES: Final = ("gift_cards", "store_credits", "ledger_lines", "ledger_entries", "ledger_balances")
FILL: Final = (
    """
    insert into gift_cards (id, company_id, code_hash, last_characters, origin, currency, initial_amount, expires_at,
      swept_at, recipient_email, created_at, updated_at)
    select md5($1 || 'g' || i)::uuid, $1::uuid, md5($1 || i), right(md5(i::text), 4), 'SOLD', 'EUR', 5,
      case when i % 2 = 0 then now() - interval '1 day' end, case when i % 2 = 0 then now() end,
      case when i % 10 = 0 then i || '@example.com' end, now() - make_interval(secs => i), now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into ledger_balances (company_id, account, subject_id, currency, balance, updated_at)
    select company_id, '2100', id, 'EUR', 5, now() from gift_cards where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into ledger_entries (id, company_id, kind, source_kind, source_id, currency, line_count, booked_on)
    select id, company_id, 'GIFT_CARD_ISSUE', 'gift_card', id, 'EUR', 2, '2026-11-30'
    from gift_cards where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency, subject_id)
    select company_id, id, 0, '2100', 'CREDIT', 5, 'EUR', id
    from gift_cards where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into store_credits (id, company_id, user_id, currency, updated_at)
    select id, company_id, id, 'EUR', now() from gift_cards where company_id = $1::text::uuid and $2 > 0
    """,
)
Read = Callable[[PaymentService, Any], Awaitable[Any]]
READS: Final[dict[str, Read]] = {
    "the list": lambda payment, db: payment.gift_card_listing.find(db, PAGE),
    "by the end of a code": lambda payment, db: payment.gift_card_listing.find(db, PAGE, search="ABCD"),
    "by code": lambda payment, db: payment.gift_card_listing.find(
        db, PAGE, GiftCardFilter(code=Secret("0123456789ABCDEF"))
    ),
    "by recipient": lambda payment, db: payment.gift_card_listing.find(
        db, PAGE, GiftCardFilter(recipient_email="10@example.com")
    ),
    "by line": lambda payment, db: payment.gift_card_listing.find(db, PAGE, GiftCardFilter(order_item_id=new_id())),
    "what expires": lambda _, db: db.fetch(expiry.DUE, db.company_id, SOON, expiry.BATCH),
    "to spend": lambda _, db: db.fetch(tenders.LOCK, db.company_id, [new_id()], new_id(), SOON),
    "balances": lambda payment, db: payment.gift_cards.balances(db, [new_id()]),
    "changes of balances": lambda payment, db: payment.gift_card_listing.movements(db, [new_id()]),
    "to erase": lambda _, db: db.fetch(personal_data.ERASE, db.company_id, ["10@example.com"], "gone", SOON),
}


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


@pytest.mark.parametrize("name", READS)
async def test_no_statement_reads_all_cards(planner: RowPlanReader, name: str) -> None:
    payment = payment_service(Providers(MockPayments(planner._pool, SystemClock(), WEBHOOK_SECRET)), SystemClock())
    planner.plans = []
    await READS[name](payment, planner)
    assert scans(planner, TABLES) != []
    assert whole_tables_read(planner, TABLES) == []
