"""Payments at providers with reports, and the import of reports."""

import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.values.money import Money
from domains.payment.models import Payment, TransactionStatus, TransactionType
from domains.payment.providers.results import ProviderPayment, ProviderStatus, ProviderTransaction
from domains.payment.service import PaymentService
from domains.payment.settlements.models import (
    DifferenceFilter,
    ImportedReport,
    SettlementDifference,
    SettlementDifferenceStatus,
    SettlementLine,
)
from gateway.providers.mock.declines import APPROVES
from tests.domains.payment.conftest import make_order
from tests.domains.payment.payer import card
from tests.domains.payment.settlements.report_files import AT

Movement = tuple[TransactionType, str, str] | tuple[TransactionType, str, str, TransactionStatus]
DELETIONS: Final = (
    "update settlement_lines set difference_id = null where company_id = $1",
    "delete from settlement_differences where company_id = $1",
    "delete from settlement_lines where company_id = $1",
    "delete from settlement_reports where company_id = $1",
    "delete from payment_transactions where company_id = $1",
    "delete from refund_lines where company_id = $1",
    "delete from refunds where company_id = $1",
    "delete from payments where company_id = $1",
    "delete from ledger_unsummed_entries where company_id = $1",
    "delete from ledger_daily_sums where company_id = $1",
    "delete from ledger_lines where company_id = $1",
    "delete from ledger_entries where company_id = $1",
)
LEDGER: Final = """
select e.kind, string_agg(l.side::text || ' ' || l.account || ' ' || l.amount, ', ' order by l.side, l.account)
from ledger_entries e join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id
where e.company_id = $1 and e.source_kind = 'settlement_line'
group by e.id, e.kind order by e.id
"""


@pytest.fixture(autouse=True)
async def nothing_left(owner: Any, company: UUID, other_company: UUID) -> AsyncIterator[None]:
    """Other tests check the invariants of the whole database, in which these payments have no complete order."""
    yield
    for sql in DELETIONS:
        for each in (company, other_company):
            await owner.execute(sql, each)


class Bookkeeper:
    """Records what moves at providers, and imports their reports, into one company."""

    def __init__(self, database: Database, owner: Any, payments: PaymentService, company: UUID) -> None:
        self.database, self.owner, self.payments, self.company = database, owner, payments, company
        self.settlements = payments.settlements
        self.actor = Actor.system(company)

    @property
    def reader(self) -> Reader:
        return self.database.reader(self.company)

    async def pay(self, amount: str, *movements: Movement, provider: str = "STRIPE", at: datetime = AT) -> Payment:
        """A payment of a new order with these transactions, signed amounts at the provider."""
        order, wanted = await make_order(self.owner, self.company), Decimal(amount)
        create = self.payments.create
        payment = await self.database.run(lambda tx: create(tx, order, wanted, "EUR", card(APPROVES)), self.actor)
        assert payment is not None
        await self.owner.execute("update payments set provider = $2 where id = $1", payment.id, provider)
        return await self.record(payment, *movements, at=at)

    async def record(self, payment: Payment, *movements: Movement, at: datetime = AT) -> Payment:
        done = (TransactionStatus.SUCCEEDED,)
        transactions = tuple(
            ProviderTransaction(id_, type_, (*status, *done)[0], Money(Decimal(amount), "EUR"), at)
            for type_, id_, amount, *status in movements
        )
        amount = Money(payment.amount, "EUR")
        result = ProviderPayment(ProviderStatus.SUCCEEDED, f"pi_{payment.id}", amount, transactions=transactions)
        recorded = await self.database.run(lambda tx: self.payments.record(tx, payment.id, result), self.actor)
        return recorded.payment

    async def load(self, content: bytes, provider: str = "STRIPE") -> ImportedReport:
        return await self.settlements.imports.run(self.database, self.actor, provider, io.BytesIO(content))

    async def lines(self, report_id: UUID) -> list[SettlementLine]:
        page = await self.settlements.lines(self.reader, PageArgs(100), report_id)
        return list(page.items)

    async def differences(self, **filters: Any) -> list[SettlementDifference]:
        page = await self.settlements.differences(self.reader, PageArgs(100), DifferenceFilter(**filters))
        return sorted(page.items, key=lambda each: (each.type, each.reference))

    async def open(self) -> list[tuple[str, str, str, Decimal | None, Decimal | None]]:
        """The open differences: kind, type, reference, amount here, amount reported."""
        rows = await self.differences(statuses=[SettlementDifferenceStatus.OPEN])
        return [(row.kind, row.type, row.reference, row.amount_here, row.amount_reported) for row in rows]

    async def posted(self) -> list[tuple[str, str]]:
        """What reports have posted: the kind of each entry, and its lines."""
        return [tuple(row.values()) for row in await self.owner.fetch(LEDGER, self.company)]

    async def counts(self) -> Sequence[int]:
        """The numbers of reports, lines, differences, and entries of reports."""
        return [
            await self.owner.fetchval(f"select count(*) from {table} where company_id = $1{more}", self.company)  # noqa: S608
            for table, more in (
                ("settlement_reports", ""),
                ("settlement_lines", ""),
                ("settlement_differences", ""),
                ("ledger_entries", " and source_kind = 'settlement_line'"),
            )
        ]


@pytest.fixture
def books(database: Database, owner: Any, payments: PaymentService, company: UUID) -> Bookkeeper:
    return Bookkeeper(database, owner, payments, company)


@pytest.fixture
def other_books(database: Database, owner: Any, payments: PaymentService, other_company: UUID) -> Bookkeeper:
    return Bookkeeper(database, owner, payments, other_company)
