"""Reports and the journal as CSV."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader
from domains.kernel.text.csv_injection import neutralize_formulas
from domains.kernel.values.money import round_half_up
from domains.ledger.reports.periods import Period, ReportRange
from domains.ledger.reports.reports import Reports
from domains.ledger.reports.revenue import Revenue
from domains.ledger.reports.taxes import Tax
from domains.ledger.reports.trial_balance import AccountBalance

# RFC 4180, section 2.1.
CRLF: Final = "\r\n"
ENTRIES: Final = 500  # of the journal in one page
ROWS: Final = 1_000  # of a report in one chunk
PERIOD: Final = ("First day", "Last day", "Currency")
REVENUE: Final = (
    "gross_sales", "returned_sales", "sales", "shipping", "allowances", "expired_balances", "other_income",
    "net_revenue", "tax", "gross_revenue", "fees", "chargebacks", "promotional_credit", "other_expenses", "expenses",
    "result",
)  # fmt: skip
OUTSTANDING: Final = (
    "receivable", "undeposited", "tax_payable", "gift_cards", "gift_cards_sold", "store_credit",
)  # fmt: skip
TAXES: Final = (*PERIOD, "Country", "Rate", "Taxable", "Tax")
TRIAL_BALANCE: Final = ("Day", "Currency", "Account", "Name", "Type", "Debit", "Credit", "Balance")
JOURNAL: Final = (
    "Entry", "Booked on", "Posted at", "Kind", "Source", "Source id", "Order id", "Reason", "Posted by", "Currency",
    "Line", "Account", "Name", "Debit", "Credit", "Rate", "Country", "Subject",
)  # fmt: skip
PAGE: Final = """
select e.id, e.booked_on, e.created_at, e.kind, e.source_kind, e.source_id, e.order_id, e.reason, e.performed_by,
    e.currency, l.position, l.account, a.name, l.side, l.amount, l.tax_rate, l.country, l.subject_id
from (
    select * from ledger_entries
    where company_id = $1 and (booked_on, id) > ($2, $3) and booked_on <= $4 order by booked_on, id limit $5
) e
join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id
left join ledger_accounts a on a.company_id = l.company_id and a.code = l.account
order by e.booked_on, e.id, l.position
"""
FIRST: Final = UUID(int=0)


class ReportFiles:
    """Writes reports as CSV, in the order of their days."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    async def revenue(self, db: Reader, days: ReportRange) -> AsyncIterator[bytes]:
        """The revenue of each period, a row for each. One statement."""
        report = await self._reports.revenue(db, days)
        header = (*PERIOD, *map(_title, REVENUE))
        for chunk in _written(header, (_revenue(each) for each in report.periods)):
            yield chunk

    async def taxes(self, db: Reader, days: ReportRange) -> AsyncIterator[bytes]:
        """Taxable amounts and tax of each period, country and rate, without a limit of rows. One statement."""
        report = await self._reports.taxes(db, days, None)
        for chunk in _written(TAXES, map(_tax, report.periods)):
            yield chunk

    async def outstanding(self, db: Reader, days: ReportRange) -> AsyncIterator[bytes]:
        """What is outstanding at the end of each period, with a column for each provider. One statement."""
        report = await self._reports.outstanding(db, days)
        providers = [f"Clearing {clearing.provider}" for clearing in report[-1].clearing]
        header = (*PERIOD, *map(_title, OUTSTANDING), *providers)
        rows = (
            _period(each.period, each.currency)
            + _amounts(each.currency, *(getattr(each, name) for name in OUTSTANDING))
            + _amounts(each.currency, *(clearing.amount for clearing in each.clearing))
            for each in report
        )
        for chunk in _written(header, rows):
            yield chunk

    async def trial_balance(self, db: Reader, on: date) -> AsyncIterator[bytes]:
        """Every account at the end of a day. One statement."""
        report = await self._reports.trial_balance(db, on)
        for chunk in _written(TRIAL_BALANCE, (_account(report.on, each) for each in report.accounts)):
            yield chunk

    async def journal(self, db: Reader, first_day: date, last_day: date) -> AsyncIterator[bytes]:
        """The entries that are booked on these days, a row for each line, page by page.

        Entries are in the order of their days; those of a day in the order of their posting, whose times are in UTC.
        One statement for 500 entries. Entries that are posted meanwhile may be missing.
        """
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator=CRLF)
        writer.writerow(JOURNAL)
        day, entry_id, has_more = first_day, FIRST, True
        while has_more:
            page = await db.fetch(PAGE, db.company_id, day, entry_id, last_day, ENTRIES)
            writer.writerows(map(_line, page))
            yield _drain(text)
            has_more = bool(page)
            if page:
                day, entry_id = page[-1]["booked_on"], page[-1]["id"]


def _title(name: str) -> str:
    """The heading of a column: Gross sales."""
    return name.replace("_", " ").capitalize()


def _revenue(each: Revenue) -> list[str]:
    amounts = (getattr(each, name) for name in REVENUE)
    return _period(each.period, each.currency) + _amounts(each.currency, *amounts)


def _tax(each: Tax) -> list[str]:
    amounts = _amounts(each.currency, each.taxable, each.tax)
    return [*_period(each.period, each.currency), each.country or "", _rate(each.rate), *amounts]


def _account(on: date, each: AccountBalance) -> list[str]:
    amounts = _amounts(each.currency, each.debit, each.credit, each.balance)
    return [on.isoformat(), each.currency, each.code, neutralize_formulas(each.name), each.type.value, *amounts]


def _period(period: Period, currency: str) -> list[str]:
    return [period.first_day.isoformat(), period.last_day.isoformat(), currency]


def _amounts(currency: str, *amounts: Decimal) -> list[str]:
    """Amounts at the currency's scale."""
    return [format(round_half_up(amount, currency), "f") for amount in amounts]


def _rate(rate: Decimal | None) -> str:
    """A rate as a fraction without zeros at its end."""
    return "" if rate is None else f"{rate.normalize():f}"


def _line(row: Any) -> list[str]:
    amount, is_debit = _amounts(row["currency"], row["amount"])[0], row["side"] == "DEBIT"
    return [
        str(row["id"]),
        row["booked_on"].isoformat(),
        _moment(row["created_at"]),
        neutralize_formulas(row["kind"]),
        neutralize_formulas(row["source_kind"]),
        str(row["source_id"]),
        _optional(row["order_id"]),
        neutralize_formulas(row["reason"] or ""),
        _optional(row["performed_by"]),
        row["currency"],
        str(row["position"] + 1),
        neutralize_formulas(row["account"]),
        neutralize_formulas(row["name"] or ""),
        amount if is_debit else "",
        "" if is_debit else amount,
        _rate(row["tax_rate"]),
        row["country"] or "",
        _optional(row["subject_id"]),
    ]


def _optional(value: UUID | None) -> str:
    return "" if value is None else str(value)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _written(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[bytes]:
    """The rows under their header, in chunks."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=CRLF)
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if number % ROWS == 0:
            yield _drain(text)
    yield _drain(text)


def _drain(text: io.StringIO) -> bytes:
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    return content.encode()
