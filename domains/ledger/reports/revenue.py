"""The report of revenue: what was sold, what it cost to be paid, and what is left, by period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Final

from domains.kernel.database import Reader
from domains.ledger import chart
from domains.ledger.daily_sums import MOVEMENTS
from domains.ledger.models import NOTHING, LedgerAccountType
from domains.ledger.reports.periods import PERIOD, Period, ReportRange

# Tax that was charged has a rate; what is paid to the authorities has none.
SQL: Final = f"""
select t.first_day, t.account, a.type, t.debit, t.credit from (
    select {PERIOD} as first_day, m.account, sum(m.debit) as debit, sum(m.credit) as credit from {MOVEMENTS}
    where m.company_id = $1 and m.booked_on between $2 and $3 and m.account = any(array(
        select code from ledger_accounts where company_id = $1 and (type in ('INCOME', 'EXPENSE') or code = $5)
    )) and (m.account <> $5 or m.tax_rate is not null)
    group by 1, 2
) t join ledger_accounts a on a.company_id = $1 and a.code = t.account
"""  # noqa: S608 - constants
INCOME: Final = {chart.SHIPPING.code: "shipping", chart.BREAKAGE.code: "expired_balances"}
EXPENSES: Final = {
    chart.FEES.code: "fees",
    chart.CHARGEBACKS.code: "chargebacks",
    chart.PROMOTIONAL_CREDIT.code: "promotional_credit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """The revenue of a period, in the company's currency. Income is positive, and so are deductions and expenses."""

    period: Period
    currency: str
    gross_sales: Decimal = NOTHING
    returned_sales: Decimal = NOTHING
    shipping: Decimal = NOTHING
    allowances: Decimal = NOTHING
    expired_balances: Decimal = NOTHING
    other_income: Decimal = NOTHING
    tax: Decimal = NOTHING
    fees: Decimal = NOTHING
    chargebacks: Decimal = NOTHING
    promotional_credit: Decimal = NOTHING
    other_expenses: Decimal = NOTHING

    @property
    def sales(self) -> Decimal:
        """Sales without those that were cancelled or refunded, and without tax."""
        return self.gross_sales - self.returned_sales

    @property
    def net_revenue(self) -> Decimal:
        """All income without tax, after allowances."""
        return self.sales + self.shipping - self.allowances + self.expired_balances + self.other_income

    @property
    def gross_revenue(self) -> Decimal:
        """All income with the tax that was charged."""
        return self.net_revenue + self.tax

    @property
    def expenses(self) -> Decimal:
        """What it cost to be paid, and other expenses of the ledger."""
        return self.fees + self.chargebacks + self.promotional_credit + self.other_expenses

    @property
    def result(self) -> Decimal:
        """Net revenue without expenses."""
        return self.net_revenue - self.expenses


AMOUNTS: Final = tuple(field.name for field in fields(Revenue) if field.type is Decimal)


@dataclass(frozen=True, slots=True)
class RevenueReport:
    """The revenue of each period, also of those without any, and of all of them."""

    periods: list[Revenue]
    total: Revenue


async def revenue(db: Reader, days: ReportRange, currency: str) -> RevenueReport:
    """The revenue of a range of days. One statement."""
    rows = await db.fetch(
        SQL, db.company_id, days.first_day, days.last_day, days.interval.value, chart.TAX_PAYABLE.code
    )
    amounts: dict[date, dict[str, Decimal]] = {}
    for row in rows:
        of_period = amounts.setdefault(row["first_day"], {})
        kind = LedgerAccountType(row["type"])
        for name, amount in _counted(row["account"], kind, row["debit"], row["credit"]).items():
            of_period[name] = of_period.get(name, NOTHING) + amount
    periods = [
        Revenue(period=period, currency=currency, **amounts.get(period.first_day, {})) for period in days.periods()
    ]
    return RevenueReport(periods, _total(periods, days.whole(), currency))


def _counted(code: str, kind: LedgerAccountType, debit: Decimal, credit: Decimal) -> Mapping[str, Decimal]:
    """What the sums of an account count as."""
    if code == chart.SALES.code:
        return {"gross_sales": credit, "returned_sales": debit}
    if code == chart.ALLOWANCES.code:
        return {"allowances": debit - credit}
    if code == chart.TAX_PAYABLE.code:
        return {"tax": credit - debit}
    if kind is LedgerAccountType.INCOME:
        return {INCOME.get(code, "other_income"): credit - debit}
    return {EXPENSES.get(code, "other_expenses"): debit - credit}


def _total(periods: Iterable[Revenue], whole: Period, currency: str) -> Revenue:
    parts = list(periods)
    sums = {name: sum((getattr(part, name) for part in parts), NOTHING) for name in AMOUNTS}
    return Revenue(period=whole, currency=currency, **sums)
