"""The report of tax: the taxable amounts and their tax, by period, country and rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domains.kernel.database import Reader
from domains.ledger import chart
from domains.ledger.daily_sums import MOVEMENTS
from domains.ledger.errors import ReportTooLarge
from domains.ledger.models import NOTHING
from domains.ledger.reports.periods import PERIOD, Period, ReportRange

MAX_ROWS: Final = 5_000
TAXABLE: Final = (chart.SALES.code, chart.SHIPPING.code)
# Tax without a rate was not charged on a sale: it was paid to the authorities, or corrected by hand.
SQL: Final = f"""
select {PERIOD} as first_day, m.country, m.tax_rate,
    coalesce(sum(m.credit - m.debit) filter (where m.account <> $5), 0) as taxable,
    coalesce(sum(m.credit - m.debit) filter (where m.account = $5), 0) as tax
from {MOVEMENTS}
where m.company_id = $1 and m.booked_on between $2 and $3 and m.account = any($6::text[])
    and (m.account <> $5 or m.tax_rate is not null)
group by 1, 2, 3 order by 1, 2 nulls first, 3 nulls first limit $7
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Tax:
    """The sales and shipping of a period in one country at one rate, without tax, and their tax.

    Amounts without a rate or a country have none of both; such are those of entries by hand.
    """

    period: Period
    currency: str
    country: str | None
    rate: Decimal | None
    taxable: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class TaxReport:
    """The tax of each period, country and rate with a sale, and of each country and rate in all periods."""

    periods: list[Tax]
    totals: list[Tax]


async def taxes(db: Reader, days: ReportRange, currency: str, max_rows: int | None = MAX_ROWS) -> TaxReport:
    """The tax of a range of days. One statement. Raises ReportTooLarge for more than `max_rows` rows."""
    period_by_day = {period.first_day: period for period in days.periods()}
    rows = await db.fetch(
        SQL,
        db.company_id,
        days.first_day,
        days.last_day,
        days.interval.value,
        chart.TAX_PAYABLE.code,
        [*TAXABLE, chart.TAX_PAYABLE.code],
        None if max_rows is None else max_rows + 1,
    )
    if max_rows is not None and len(rows) > max_rows:
        raise ReportTooLarge(max_rows)
    found = [
        Tax(period_by_day[row[0]], currency, row["country"], row["tax_rate"], row["taxable"], row["tax"])
        for row in rows
    ]
    return TaxReport(found, _totals(found, days.whole()))


def _totals(rows: Iterable[Tax], whole: Period) -> list[Tax]:
    """Sums over all periods, by country and rate; nothing comes first."""
    totals: dict[tuple[str, Decimal], Tax] = {}
    for row in rows:
        key = (row.country or "", Decimal(-1) if row.rate is None else row.rate)
        known = totals.get(key)
        taxable, tax = (known.taxable, known.tax) if known else (NOTHING, NOTHING)
        totals[key] = Tax(whole, row.currency, row.country, row.rate, taxable + row.taxable, tax + row.tax)
    return [totals[key] for key in sorted(totals)]
