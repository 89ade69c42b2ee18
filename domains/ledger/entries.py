"""Entries with their lines, and the accounts that they name, as writes of a transaction.

A refusal of the database (an entry of the same source and kind, a balance below zero) is raised where the write runs.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Sql, Statement
from domains.kernel.values.calendar import local_day
from domains.kernel.values.money import require_amount
from domains.ledger import data
from domains.ledger.errors import EntryCurrencyMismatch, EntryUnbalanced
from domains.ledger.models import NOTHING, Account, LedgerEntry, LedgerLine, NewEntry, NewLine, Source

# An account that exists is only read, so that no posting waits for another one.
ADD_ACCOUNTS: Final = """
insert into ledger_accounts (id, company_id, code, name, type, created_at, updated_at)
select a.id, {0}, a.code, a.name, a.type::ledger_account_type, {1}, {1}
from unnest({2}::uuid[], {3}::text[], {4}::text[], {5}::text[]) as a (id, code, name, type)
where not exists (select from ledger_accounts where company_id = {0} and code = a.code)
on conflict (company_id, code) do nothing
"""


class Entries:
    """Posts entries, which balance and are in the currency of the company."""

    def __init__(self, company: CompanyService) -> None:
        self._company = company

    async def defer(self, tx: Tx, *entries: NewEntry) -> None:
        """Post entries with the last statement of `tx`, as `statements`."""
        for statement in await self.statements(tx, entries):
            tx.defer(statement)

    async def post(self, tx: Tx, entry: NewEntry) -> LedgerEntry:
        """Post an entry by a statement of its own, and return it. Raises as `statements`.

        Raises EntryUnbalanced also for an entry whose lines are all zero.
        """
        company, now = await self._company.current(tx), tx.clock.now()
        lines = _balanced(entry, company)
        if not lines:
            raise EntryUnbalanced(NOTHING, entry.currency)
        row = _row(entry, len(lines), company, now)
        added = [_line(row["id"], position, line, entry.currency) for position, line in enumerate(lines)]
        accounts = list({line.account.code: line.account for line in lines}.values())
        alongside: list[Statement] = [_adding(tx, accounts, now), data.ledger_line.insertion(tx, added)]
        return await data.ledger_entry.create(tx, row, alongside=alongside)

    async def lines_of(self, db: Reader, source: Source, kind: str) -> list[LedgerLine]:
        """The lines of the entry of a kind that was posted for a source, in order; none without one.

        Two statements at most.
        """
        where: data.LedgerEntryWhere = {"kind": kind, "source_kind": source.kind, "source_id": source.id}
        found = await data.ledger_entry.find_many(db, where=where)
        if not found:
            return []
        order: list[data.LedgerLineOrder] = [{"position": "asc"}]
        return await data.ledger_line.find_many(db, where={"entry_id": found[0].id}, order_by=order)

    async def statements(self, tx: Tx, entries: Sequence[NewEntry]) -> list[Statement]:
        """The writes of entries, which run in one statement; none when there is nothing to post.

        Raises EntryUnbalanced, EntryCurrencyMismatch, OutOfRange and TooManyDecimals. The statement raises
        UniqueViolationError for a source that has an entry of this kind, and CheckViolationError for a balance that
        would be negative. No statement when the company is cached.
        """
        company = await self._company.current(tx)
        now = tx.clock.now()
        rows: list[data.LedgerEntryCreate] = []
        lines: list[data.LedgerLineCreate] = []
        accounts: dict[str, Account] = {}
        for entry in entries:
            if own := _balanced(entry, company):
                row = _row(entry, len(own), company, now)
                rows.append(row)
                lines += [_line(row["id"], position, line, entry.currency) for position, line in enumerate(own)]
                accounts |= {line.account.code: line.account for line in own}
        if not rows:
            return []
        return [
            _adding(tx, list(accounts.values()), now),
            data.ledger_entry.insertion(tx, rows),
            data.ledger_line.insertion(tx, lines),
        ]


def _balanced(entry: NewEntry, company: Company) -> list[NewLine]:
    """The lines with an amount; none when all are zero."""
    if entry.currency != company.currency:
        raise EntryCurrencyMismatch(entry.currency, company.currency)
    lines = [line.positive() for line in entry.lines if line.amount]
    for line in lines:
        require_amount(line.amount, entry.currency)
    if rest := sum((line.signed for line in lines), NOTHING):
        raise EntryUnbalanced(rest, entry.currency)
    return lines


def _row(entry: NewEntry, line_count: int, company: Company, now: datetime) -> data.LedgerEntryCreate:
    return {
        "id": new_id(),
        "kind": entry.kind,
        "source_kind": entry.source.kind,
        "source_id": entry.source.id,
        "order_id": entry.order_id,
        "currency": entry.currency,
        "line_count": line_count,
        "booked_on": entry.booked_on or booking_day(company, now),
        "reason": entry.reason,
        "performed_by": entry.performed_by,
        "created_at": now,
    }


def booking_day(company: Company, moment: datetime) -> date:
    """The day in the company's time zone on which a moment is booked."""
    return local_day(moment, company.time_zone)


def _line(entry_id: UUID, position: int, line: NewLine, currency: str) -> data.LedgerLineCreate:
    return {
        "entry_id": entry_id,
        "position": position,
        "account": line.account.code,
        "side": line.side,
        "amount": line.amount,
        "currency": currency,
        "subject_id": line.subject_id,
        "tax_rate": line.tax_rate,
        "country": line.country,
    }


def _adding(db: Reader, accounts: Sequence[Account], now: datetime) -> Sql:
    codes, names = [account.code for account in accounts], [account.name for account in accounts]
    types, ids = [account.type.value for account in accounts], [new_id() for _ in accounts]
    return Sql(ADD_ACCOUNTS, (db.company_id, now, ids, codes, names, types))
