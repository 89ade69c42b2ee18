"""The trial balance: every account with its debits and credits up to a day. Both sides have the same sum."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from domains.kernel.database import Reader
from domains.ledger.daily_sums import MOVEMENTS
from domains.ledger.models import NOTHING, LedgerAccountType, Totals

SQL: Final = f"""
select a.code, a.name, a.type, coalesce(t.debit, 0) as debit, coalesce(t.credit, 0) as credit
from ledger_accounts a left join (
    select m.account, sum(m.debit) as debit, sum(m.credit) as credit from {MOVEMENTS}
    where m.company_id = $1 and m.booked_on <= $2 group by 1
) t on t.account = a.code
where a.company_id = $1
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """The sums of an account, and its balance on the side on which it grows."""

    code: str
    name: str
    type: LedgerAccountType
    currency: str
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """What the account has on the side on which accounts of its type grow; negative on the other one."""
        return Totals(self.debit, self.credit).balance(self.type)


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The accounts by code, and the sums of both sides, which are equal."""

    on: date
    currency: str
    accounts: list[AccountBalance]

    @property
    def debit(self) -> Decimal:
        """The sum of all debits."""
        return sum((account.debit for account in self.accounts), NOTHING)

    @property
    def credit(self) -> Decimal:
        """The sum of all credits."""
        return sum((account.credit for account in self.accounts), NOTHING)


async def trial_balance(db: Reader, on: date, currency: str) -> TrialBalance:
    """The trial balance at the end of a day. One statement."""
    rows = await db.fetch(SQL, db.company_id, on)
    accounts = [
        AccountBalance(code, name, LedgerAccountType(kind), currency, debit, credit)
        for code, name, kind, debit, credit in rows
    ]
    return TrialBalance(on, currency, sorted(accounts, key=lambda account: account.code))
