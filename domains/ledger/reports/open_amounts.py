"""The report of what is outstanding: what customers, providers and the company owe at the end of each period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from domains.kernel.database import Reader
from domains.ledger import chart
from domains.ledger.daily_sums import MOVEMENTS
from domains.ledger.models import NOTHING
from domains.ledger.reports.periods import PERIOD, Period, ReportRange

PROVIDERS: Final = f"{chart.CLEARING_CODE}."
ASSETS: Final = {chart.RECEIVABLE.code: "receivable", chart.UNDEPOSITED.code: "undeposited"}
LIABILITIES: Final = {
    chart.TAX_PAYABLE.code: "tax_payable",
    chart.GIFT_CARDS.code: "gift_cards",
    chart.GIFT_CARDS_SOLD.code: "gift_cards_sold",
    chart.STORE_CREDIT.code: "store_credit",
}
# What was booked before the range has no period.
SQL: Final = f"""
select case when m.booked_on >= $2 then {PERIOD} end as first_day, m.account, sum(m.debit - m.credit) as change
from {MOVEMENTS}
where m.company_id = $1 and m.booked_on <= $3 and m.account = any(array(
    select code from ledger_accounts where company_id = $1 and (code = any($5::text[]) or starts_with(code, $6))
))
group by 1, 2
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class ProviderClearing:
    """What a payment provider has captured and not paid out."""

    provider: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """What is outstanding at the end of a period, in the company's currency.

    `clearing`, `receivable` and `undeposited` is what others owe, the other amounts are what the company owes.
    """

    period: Period
    currency: str
    clearing: list[ProviderClearing]
    receivable: Decimal = NOTHING
    undeposited: Decimal = NOTHING
    tax_payable: Decimal = NOTHING
    gift_cards: Decimal = NOTHING
    gift_cards_sold: Decimal = NOTHING
    store_credit: Decimal = NOTHING


async def outstanding(db: Reader, days: ReportRange, currency: str) -> list[Outstanding]:
    """What is outstanding at the end of each period of a range. One statement, over all earlier days."""
    rows = await db.fetch(
        SQL,
        db.company_id,
        days.first_day,
        days.last_day,
        days.interval.value,
        [*ASSETS, *LIABILITIES],
        PROVIDERS,
    )
    changes: dict[date | None, dict[str, Decimal]] = {}
    for row in rows:
        changes.setdefault(row["first_day"], {})[row["account"]] = row["change"]
    balances = dict.fromkeys(sorted({row["account"] for row in rows}), NOTHING) | changes.get(None, {})
    found = []
    for period in days.periods():
        for code, change in changes.get(period.first_day, {}).items():
            balances[code] += change
        found.append(_outstanding(period, currency, balances))
    return found


def _outstanding(period: Period, currency: str, balances: Mapping[str, Decimal]) -> Outstanding:
    return Outstanding(
        period=period,
        currency=currency,
        clearing=[
            ProviderClearing(code.removeprefix(PROVIDERS), currency, balances[code])
            for code in sorted(balances)
            if code.startswith(PROVIDERS)
        ],
        **{name: balances[code] for code, name in ASSETS.items() if code in balances},
        **{name: -balances[code] for code, name in LIABILITIES.items() if code in balances},
    )
