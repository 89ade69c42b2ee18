"""The reports of the ledger over HTTP: who sees and downloads them, what they show, and their statements."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.ledger import chart
from domains.ledger.models import credit, debit
from domains.ledger.reports import files
from domains.ledger.reports.periods import ReportInterval, ReportRange
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from tests.domains.actors import administrator, member
from tests.domains.ledger.postings import SEVEN, Books, sale
from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
JANUARY, MARCH = date(2026, 1, 15), date(2026, 3, 31)
RANGE: Final = 'firstDay: "2026-01-01", lastDay: "2026-03-31"'
QUERIES: Final = {
    "ledgerRevenue": f"""{{ ledgerRevenue({RANGE}) {{
        periods {{ firstDay lastDay sales {{ amount currency }} }}
        total {{ firstDay lastDay grossRevenue {{ amount }} result {{ amount }} }} }} }}""",
    "ledgerTaxes": f"""{{ ledgerTaxes({RANGE}) {{
        periods {{ firstDay country rate taxable {{ amount }} tax {{ amount }} }}
        totals {{ lastDay country rate tax {{ amount }} }} }} }}""",
    "ledgerOutstanding": f"""{{ ledgerOutstanding({RANGE}) {{
        lastDay receivable {{ amount }} clearing {{ provider amount {{ amount }} }} }} }}""",
    "ledgerTrialBalance": """{ ledgerTrialBalance(on: "2026-03-31") {
        on debit { amount } credit { amount }
        accounts { code name type balance { amount } account { id code } } } }""",
}
PATHS: Final = {
    "revenue": "firstDay=2026-01-01&lastDay=2026-03-31",
    "taxes": "firstDay=2026-01-01&lastDay=2026-03-31",
    "outstanding": "firstDay=2026-01-01&lastDay=2026-03-31",
    "trial-balance": "on=2026-03-31",
    "journal": "firstDay=2026-01-01&lastDay=2026-03-31",
}


@pytest.fixture
async def books(site: Site, database: Database, actor: Actor, owner: Any, clock: FixedClock) -> Books:
    """A sale of January in the sums, and another one with a payment in March, which waits for the job."""
    made = Books.of(database, actor, owner, clock)
    await made.post(*sale("100.00", "19.00"), on=JANUARY)
    await made.add_up()
    await made.post(*sale("10.00", "0.70", rate=SEVEN, country="FR"), on=MARCH)
    stripe = chart.clearing("STRIPE")
    await made.post(debit(stripe, Decimal("10.70")), credit(chart.RECEIVABLE, Decimal("10.70")), on=MARCH)
    return made


def staff(books: Books, *actions: PermissionAction, resource: PermissionResource = R.ANALYTICS) -> Actor:
    grants = frozenset(Grant(resource, action) for action in actions)
    return member(books.actor.company_id, "CLERK", 10, grants)


async def download(site: Site, who: Actor | None, name: str, query: str | None = None) -> Any:
    return await site.send("GET", who, f"/export/ledger/{name}.csv?{PATHS[name] if query is None else query}")


async def rows(site: Site, who: Actor, name: str, query: str | None = None) -> list[list[str]]:
    response = await download(site, who, name, query)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == f'attachment; filename="ledger-{name}.csv"'
    return list(csv.reader(io.StringIO(response.text, newline="")))


async def test_revenue_is_shown_by_month(site: Site, books: Books) -> None:
    report = await site.value(QUERIES["ledgerRevenue"], staff(books, A.READ))
    assert site.count.data == 2  # the company and the report
    assert report == {
        "periods": [
            {"firstDay": "2026-01-01", "lastDay": "2026-01-31", "sales": {"amount": "100.00", "currency": "EUR"}},
            {"firstDay": "2026-02-01", "lastDay": "2026-02-28", "sales": {"amount": "0.00", "currency": "EUR"}},
            {"firstDay": "2026-03-01", "lastDay": "2026-03-31", "sales": {"amount": "10.00", "currency": "EUR"}},
        ],
        "total": {
            "firstDay": "2026-01-01",
            "lastDay": "2026-03-31",
            "grossRevenue": {"amount": "129.70"},
            "result": {"amount": "110.00"},
        },
    }


async def test_taxes_are_shown_by_country_and_rate(site: Site, books: Books) -> None:
    report = await site.value(QUERIES["ledgerTaxes"], staff(books, A.READ))
    assert site.count.data == 2  # the company and the report
    assert report == {
        "periods": [
            {
                "firstDay": "2026-01-01",
                "country": "DE",
                "rate": "0.190000",
                "taxable": {"amount": "100.00"},
                "tax": {"amount": "19.00"},
            },
            {
                "firstDay": "2026-03-01",
                "country": "FR",
                "rate": "0.070000",
                "taxable": {"amount": "10.00"},
                "tax": {"amount": "0.70"},
            },
        ],
        "totals": [
            {"lastDay": "2026-03-31", "country": "DE", "rate": "0.190000", "tax": {"amount": "19.00"}},
            {"lastDay": "2026-03-31", "country": "FR", "rate": "0.070000", "tax": {"amount": "0.70"}},
        ],
    }


async def test_outstanding_amounts_are_shown_at_the_end_of_each_month(site: Site, books: Books) -> None:
    report = await site.value(QUERIES["ledgerOutstanding"], staff(books, A.READ))
    assert site.count.data == 2  # the company and the report
    assert [(each["lastDay"], each["receivable"]["amount"]) for each in report] == [
        ("2026-01-31", "119.00"),
        ("2026-02-28", "119.00"),
        ("2026-03-31", "119.00"),
    ]
    assert [each["clearing"] for each in report] == [
        [{"provider": "STRIPE", "amount": {"amount": amount}}] for amount in ("0.00", "0.00", "10.70")
    ]


async def test_the_trial_balance_names_accounts(site: Site, books: Books) -> None:
    report = await site.value(QUERIES["ledgerTrialBalance"], staff(books, A.READ))
    assert site.count.data == 3  # the company, the report and the accounts
    assert (report["on"], report["debit"], report["credit"]) == (
        "2026-03-31",
        {"amount": "140.40"},
        {"amount": "140.40"},
    )
    assert [(each["code"], each["type"], each["balance"]["amount"]) for each in report["accounts"]] == [
        ("1100", "ASSET", "119.00"),
        ("1200.STRIPE", "ASSET", "10.70"),
        ("2000", "LIABILITY", "19.70"),
        ("4000", "INCOME", "110.00"),
    ]
    assert all(each["account"]["code"] == each["code"] for each in report["accounts"])


@pytest.mark.parametrize("name", QUERIES)
async def test_reports_need_the_permission(site: Site, books: Books, other_company: Any, name: str) -> None:
    query = QUERIES[name]
    customer = Actor(ActorKind.USER, books.actor.company_id, user_id=new_id())
    assert await site.denied(query) == "UNAUTHENTICATED"
    for refused in (customer, staff(books, A.EXPORT), staff(books, A.MANAGE, resource=R.ORDERS)):
        assert await site.denied(query, refused) == "FORBIDDEN"
    own = await site.value(query, staff(books, A.READ))
    assert own == await site.value(query, administrator(books.actor.company_id))
    elsewhere = await site.value(query, administrator(other_company))
    assert elsewhere != own
    assert "119.00" not in str(elsewhere)


@pytest.mark.parametrize("name", PATHS)
async def test_downloads_need_the_permission(site: Site, books: Books, other_company: Any, name: str) -> None:
    customer = Actor(ActorKind.USER, books.actor.company_id, user_id=new_id())
    assert (await download(site, None, name)).status_code == 401
    for refused in (customer, staff(books, A.READ), staff(books, A.MANAGE, resource=R.ORDERS)):
        assert (await download(site, refused, name)).status_code == 403
    own = await rows(site, staff(books, A.EXPORT), name)
    assert own == await rows(site, administrator(books.actor.company_id), name)
    assert len(own) > 1
    assert "119.00" not in str(await rows(site, administrator(other_company), name))


async def test_reports_are_files(site: Site, books: Books) -> None:
    analyst = staff(books, A.EXPORT)
    header, *months = await rows(site, analyst, "revenue")
    assert ", ".join(header) == (
        "First day, Last day, Currency, Gross sales, Returned sales, Sales, Shipping, Allowances, Expired balances, "
        "Other income, Net revenue, Tax, Gross revenue, Fees, Chargebacks, Promotional credit, Other expenses, "
        "Expenses, Result"
    )
    assert ["|".join(row) for row in months] == [
        (
            "2026-01-01|2026-01-31|EUR|100.00|0.00|100.00|0.00|0.00|0.00|0.00|100.00|19.00|119.00"
            "|0.00|0.00|0.00|0.00|0.00|100.00"
        ),
        "2026-02-01|2026-02-28|EUR" + 16 * "|0.00",
        (
            "2026-03-01|2026-03-31|EUR|10.00|0.00|10.00|0.00|0.00|0.00|0.00|10.00|0.70|10.70"
            "|0.00|0.00|0.00|0.00|0.00|10.00"
        ),
    ]
    assert await rows(site, analyst, "taxes") == [
        ["First day", "Last day", "Currency", "Country", "Rate", "Taxable", "Tax"],
        ["2026-01-01", "2026-01-31", "EUR", "DE", "0.19", "100.00", "19.00"],
        ["2026-03-01", "2026-03-31", "EUR", "FR", "0.07", "10.00", "0.70"],
    ]
    days = "firstDay=2026-03-30&lastDay=2026-03-31&interval=DAY"
    assert ["|".join(row) for row in await rows(site, analyst, "outstanding", days)] == [
        (
            "First day|Last day|Currency|Receivable|Undeposited|Tax payable|Gift cards|Gift cards sold|Store credit"
            "|Clearing STRIPE"
        ),
        "2026-03-30|2026-03-30|EUR|119.00|0.00|19.00|0.00|0.00|0.00|0.00",
        "2026-03-31|2026-03-31|EUR|119.00|0.00|19.70|0.00|0.00|0.00|10.70",
    ]
    assert (await rows(site, analyst, "trial-balance"))[:2] == [
        ["Day", "Currency", "Account", "Name", "Type", "Debit", "Credit", "Balance"],
        ["2026-03-31", "EUR", "1100", "Accounts receivable", "ASSET", "129.70", "10.70", "119.00"],
    ]


async def test_the_journal_has_every_line_page_by_page(
    site: Site, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ENTRIES", 2)
    await books.post(debit(chart.BANK, Decimal(1)), credit(chart.SALES, Decimal(1)), on=date(2026, 4, 1))
    await books.post(debit(chart.BANK, Decimal(2)), credit(chart.SALES, Decimal(2)), on=JANUARY)
    analyst = staff(books, A.EXPORT)
    await rows(site, analyst, "trial-balance")
    with counting() as count:
        header, *lines = await rows(site, analyst, "journal")
    assert count.data == 3
    assert header == list(files.JOURNAL)
    booked, line = header.index("Booked on"), header.index("Line")
    assert [[row[booked], *row[line:-1]] for row in lines] == [
        ["2026-01-15", "1", "1100", "Accounts receivable", "119.00", "", "", ""],
        ["2026-01-15", "2", "4000", "Sales", "", "100.00", "0.19", "DE"],
        ["2026-01-15", "3", "2000", "Tax payable", "", "19.00", "0.19", "DE"],
        ["2026-01-15", "1", "1000", "Bank", "2.00", "", "", ""],
        ["2026-01-15", "2", "4000", "Sales", "", "2.00", "", ""],
        ["2026-03-31", "1", "1100", "Accounts receivable", "10.70", "", "", ""],
        ["2026-03-31", "2", "4000", "Sales", "", "10.00", "0.07", "FR"],
        ["2026-03-31", "3", "2000", "Tax payable", "", "0.70", "0.07", "FR"],
        ["2026-03-31", "1", "1200.STRIPE", "Payment clearing: STRIPE", "10.70", "", "", ""],
        ["2026-03-31", "2", "1100", "Accounts receivable", "", "10.70", "", ""],
    ]


async def test_texts_of_staff_are_never_formulas(site: Site, books: Books, company: Any) -> None:
    await books.owner.execute(
        "update ledger_accounts set name = '=HYPERLINK(1)' where company_id = $1 and code = '1100'", company
    )
    await books.owner.execute("update ledger_entries set reason = '+1;-2' where company_id = $1", company)
    analyst = staff(books, A.EXPORT)
    assert (await rows(site, analyst, "trial-balance"))[1][3] == "'=HYPERLINK(1)"
    header, first, *_ = await rows(site, analyst, "journal")
    assert (first[header.index("Name")], first[header.index("Reason")]) == ("'=HYPERLINK(1)", "'+1;'-2")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('firstDay: "2026-03-02", lastDay: "2026-03-01"', "RANGE_INVERTED"),
        ('firstDay: "2024-01-01", lastDay: "2025-01-01", interval: DAY', "OUT_OF_RANGE"),
        ('firstDay: "2016-01-01", lastDay: "2026-01-01"', "OUT_OF_RANGE"),
    ],
)
async def test_an_invalid_range_names_its_argument(site: Site, books: Books, arguments: str, code: str) -> None:
    for name, shown in (("ledgerRevenue", "total { tax { amount } }"), ("ledgerTaxes", "totals { rate }")):
        answer = await site.ask(f"{{ {name}({arguments}) {{ {shown} }} }}", staff(books, A.READ))
        (error,) = answer["errors"]
        assert (error["extensions"]["code"], error["extensions"]["input"]) == (code, ["lastDay"])


@pytest.mark.parametrize(
    ("name", "query", "code", "message"),
    [
        ("revenue", "firstDay=2026-03-02&lastDay=2026-03-01", "RANGE_INVERTED", "must not lie before the first day"),
        ("journal", "firstDay=2026-03-02&lastDay=2026-03-01", "RANGE_INVERTED", "must not lie before the first day"),
        ("taxes", "firstDay=2016-01-01&lastDay=2026-01-01", "OUT_OF_RANGE", "at most 120 months"),
        ("taxes", "firstDay=20260101&lastDay=2026-01-01", "INVALID", "Give a day such as 2026-11-21."),
        ("taxes", "firstDay=2026-13-01&lastDay=2026-01-01", "INVALID", "Give a day such as 2026-11-21."),
        ("taxes", "firstDay=2026-01-01", "INVALID", "Give a day such as 2026-11-21."),
        ("revenue", PATHS["revenue"] + "&interval=YEAR", "INVALID", "An interval is one of DAY, MONTH."),
        ("revenue", PATHS["revenue"] + "&from=1", "INVALID", "There is no parameter from."),
        ("journal", PATHS["journal"] + "&interval=DAY", "INVALID", "There is no parameter interval."),
        ("trial-balance", "", "INVALID", "Give a day such as 2026-11-21."),
    ],
)
async def test_an_invalid_download_is_refused(
    site: Site, books: Books, name: str, query: str, code: str, message: str
) -> None:
    response = await download(site, staff(books, A.EXPORT), name, query)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert message in error["message"]


async def test_orders_are_in_the_reports(site: Site, company: UUID, owner: Any) -> None:
    """A paid order of two units at 19 %, of which one is refunded."""
    await owner.execute(
        "insert into tax_settings (company_id, tax_rate, prices_include_tax) values ($1, 0.19, true)", company
    )
    shop = Storefront(site.services, site.database, site.clock, company, owner)
    await shop.stock("A", 5, "11.90")
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 2)))
    (item,) = await site.services.order.items_of(site.database.reader(company), [order.id])
    refund = NewRefund(lines=[RefundedUnits(item.id, 1)])
    await site.services.order.refunds.refund(site.database, shop.system, order.id, refund)
    await shop.run(site.services.ledger.daily_sums.add_entries)
    await shop.buy(ada, ("A", 1))

    tomorrow = site.clock.now().date()  # entries have the time of the database
    days = ReportRange.of(tomorrow - timedelta(days=2), tomorrow, ReportInterval.DAY)
    reader, reports = site.database.reader(company), site.services.ledger.reports
    revenue = (await reports.revenue(reader, days)).total
    assert (revenue.gross_sales, revenue.returned_sales, revenue.tax) == (Decimal(20), Decimal(10), Decimal("1.90"))
    (tax,) = (await reports.taxes(reader, days)).totals
    assert (tax.rate, tax.taxable, tax.tax) == (Decimal("0.19"), Decimal(10), Decimal("1.90"))
    open_amounts = (await reports.outstanding(reader, days))[-1]
    assert (open_amounts.receivable, open_amounts.clearing[0].amount) == (Decimal(0), Decimal("11.90"))
    assert await shop.broken() == []
