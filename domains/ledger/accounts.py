"""Accounts of a company's chart of accounts: lists, sums, and accounts that staff add and rename."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from domains.company.service import CompanyService
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.prisma.errors import RecordNotFound
from domains.kernel.text.validation import normalize_key, require_text
from domains.kernel.validation import collect_errors
from domains.ledger import chart, data
from domains.ledger.daily_sums import TOTALS
from domains.ledger.errors import LedgerAccountCodeInvalid, LedgerAccountCodeTaken, LedgerAccountNotFound
from domains.ledger.models import Account, AccountTotals, LedgerAccount, LedgerAccountType, Totals

# Codes of the platform have four digits, so that a later account of it is no account of a company.
CODE: Final = re.compile(r"[0-9]{5,8}")
FIRST_DIGITS: Final = {
    LedgerAccountType.ASSET: "1",
    LedgerAccountType.LIABILITY: "2",
    LedgerAccountType.EQUITY: "3",
    LedgerAccountType.INCOME: "4",
    LedgerAccountType.EXPENSE: "56789",
}
_TOTALS: Final = f"""
select a.code, a.type, coalesce(t.debit, 0) as debit, coalesce(t.credit, 0) as credit
from ledger_accounts a left join ({TOTALS}) t on t.account = a.code
where a.company_id = $1 and a.code = any($2::text[])
"""  # noqa: S608 - a constant
_POSTABLE: Final = """
select a.code, a.name, a.type, exists (
  select from ledger_balances b where b.company_id = a.company_id and b.account = a.code
) as is_held
from ledger_accounts a where a.company_id = $1 and a.code = any($2::text[])
"""


class Accounts:
    """Reads accounts and their sums, and adds those of a company's own."""

    def __init__(self, company: CompanyService) -> None:
        self._company = company

    async def find(self, db: Reader, args: PageArgs, *, direction: Direction = "asc") -> Page[LedgerAccount]:
        """One page of the accounts by their codes. Raises as `fetch_page`."""
        return await fetch_page(data.ledger_account, db, args, sort=Sort("code", str, direction))

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[LedgerAccount]:
        """The accounts with these ids, in no order. One statement."""
        return await data.ledger_account.find_many(db, where={"id": {"in": list(ids)}})

    async def by_code(self, db: Reader, codes: Collection[str]) -> list[LedgerAccount]:
        """The accounts with these codes, in no order. One statement."""
        return await data.ledger_account.find_many(db, where={"code": {"in": list(codes)}})

    async def totals(self, db: Reader, codes: Collection[str]) -> dict[str, AccountTotals]:
        """The sums of each account with one of these codes. One statement for all."""
        currency = (await self._company.current(db)).currency
        totals: dict[str, AccountTotals] = {}
        for row in await db.fetch(_TOTALS, db.company_id, list(codes), date.max):
            sums = Totals(row["debit"], row["credit"])
            balance = sums.balance(LedgerAccountType(row["type"]))
            totals[row["code"]] = AccountTotals(sums.debit, sums.credit, balance, currency)
        return totals

    async def create(self, tx: Tx, code: str, name: str, account_type: LedgerAccountType) -> LedgerAccount:
        """Add an account of the company's own. One statement.

        Its code has five to eight digits, of which the first says the type. Raises LedgerAccountCodeInvalid,
        LedgerAccountCodeTaken, Required, TooLong.
        """
        with collect_errors() as errors:
            with errors:
                code = _require_code(code, account_type)
            with errors:
                name = require_text(name, field=("name",))
        try:
            return await data.ledger_account.create(tx, {"code": code, "name": name, "type": account_type})
        except asyncpg.UniqueViolationError as error:
            raise LedgerAccountCodeTaken(code) from error

    async def rename(self, tx: Tx, account_id: UUID, name: str) -> LedgerAccount:
        """Give an account another name; its code and type never change. One statement.

        Raises LedgerAccountNotFound, Required, TooLong.
        """
        name = require_text(name, field=("name",))
        try:
            return await data.ledger_account.update(tx, id=account_id, data={"name": name})
        except RecordNotFound as error:
            raise LedgerAccountNotFound from error

    async def postable(self, db: Reader, codes: Sequence[str]) -> tuple[dict[str, Account], frozenset[str]]:
        """The company's accounts with these codes and all standard ones, and the codes of those held for subjects.

        One statement.
        """
        rows = await db.fetch(_POSTABLE, db.company_id, list(codes))
        own = {row["code"]: Account(row["code"], row["name"], LedgerAccountType(row["type"])) for row in rows}
        held = chart.HELD.union(row["code"] for row in rows if row["is_held"])
        return {**chart.STANDARD, **own}, held


def _require_code(code: str, account_type: LedgerAccountType) -> str:
    code, digits = normalize_key(code), FIRST_DIGITS[account_type]
    if not CODE.fullmatch(code) or code[0] not in digits:
        named = digits if len(digits) == 1 else f"{digits[0]} to {digits[-1]}"
        raise LedgerAccountCodeInvalid(account_type.value, named)
    return code
