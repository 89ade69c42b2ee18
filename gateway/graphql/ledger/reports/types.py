"""The GraphQL types of the ledger's reports. They are values: a report is computed for each query."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.ledger.models import LedgerAccountType
from domains.ledger.reports.periods import Period, ReportInterval
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, present, relation
from gateway.graphql.core.scalars import Money
from gateway.graphql.ledger.loaders import load_accounts_by_code
from gateway.graphql.ledger.types import LedgerAccount

describe(
    ReportInterval,
    "How long a period of a report is.",
    {
        ReportInterval.DAY: "Each day is a period; a report covers at most 366 days.",
        ReportInterval.MONTH: "Each calendar month is a period; a report covers at most 120 months.",
    },
)


def _amount(attribute: str, description: str) -> Any:
    """An amount of the source, in the source's currency."""

    def resolve(root: Any) -> Money:
        return present(Money, KernelMoney(getattr(root, attribute), root.currency))

    resolver: Callable[[Any], Money] = resolve
    resolver.__doc__ = description
    return computed(resolver)


@strawberry.type
class _OfPeriod:
    """The days of a period."""

    period: strawberry.Private[Period]
    currency: strawberry.Private[str]

    @computed
    def first_day(self) -> date:
        """The first day of the period, in the company's time zone."""
        return self.period.first_day

    @computed
    def last_day(self) -> date:
        """The last day of the period, in the company's time zone; it is included."""
        return self.period.last_day


@strawberry.type(
    description=(
        "The revenue of a period. Income is positive, and so are deductions and expenses; without tax, where nothing "
        "else is said."
    )
)
class LedgerRevenue(_OfPeriod):
    """The ledger domain's Revenue."""

    gross_sales: Money = _amount("gross_sales", "Sales of goods after discounts, without tax and shipping.")
    returned_sales: Money = _amount(
        "returned_sales", "Sales that were refunded or cancelled in the period, whenever they were made."
    )
    sales: Money = _amount("sales", "`grossSales` without `returnedSales`.")
    shipping: Money = _amount("shipping", "Costs of shipping that customers were charged, without refunded ones.")
    allowances: Money = _amount(
        "allowances",
        "What was given up without a return: adjustments of refunds, uncaptured rests of cancelled orders.",
    )
    expired_balances: Money = _amount("expired_balances", "Expired balances of gift cards and store credit.")
    other_income: Money = _amount("other_income", "Entries in other accounts of the type INCOME.")
    net_revenue: Money = _amount(
        "net_revenue", "`sales`, `shipping`, `expiredBalances` and `otherIncome` without `allowances`."
    )
    tax: Money = _amount("tax", "The tax of sales and shipping, without the tax of refunded ones.")
    gross_revenue: Money = _amount("gross_revenue", "`netRevenue` with `tax`.")
    fees: Money = _amount("fees", "Fees of payment providers, as their settlement reports say.")
    chargebacks: Money = _amount("chargebacks", "What buyers' banks took back, without reversed chargebacks.")
    promotional_credit: Money = _amount(
        "promotional_credit", "Gift cards and store credit that were given without a payment."
    )
    other_expenses: Money = _amount("other_expenses", "Entries in other accounts of the type EXPENSE.")
    expenses: Money = _amount("expenses", "`fees`, `chargebacks`, `promotionalCredit` and `otherExpenses`.")
    result: Money = _amount("result", "`netRevenue` without `expenses`.")


@strawberry.type(description="The revenue of a company in each period of a range of days.")
class LedgerRevenueReport:
    """The ledger domain's RevenueReport."""

    periods: list[LedgerRevenue] = strawberry.field(
        description="Every period of the range in its order, also those without an entry."
    )
    total: LedgerRevenue = strawberry.field(description="The revenue of all periods.")


@strawberry.type(description="Sales and shipping of a period at one rate of tax in one country, and their tax.")
class LedgerTax(_OfPeriod):
    """The ledger domain's Tax."""

    country: str | None = strawberry.field(
        description="The country of the delivery (ISO 3166-1 alpha-2); null for entries by hand without one."
    )
    rate: Decimal | None = strawberry.field(
        description="The rate of tax, a fraction such as 0.19; null for entries by hand without one."
    )
    taxable: Money = _amount("taxable", "Sales and shipping at this rate, without tax, refunds and cancelled orders.")
    tax: Money = _amount("tax", "The tax of `taxable`, as it was rounded in each order.")


@strawberry.type(description="The tax of a company in each period of a range of days, by country and rate.")
class LedgerTaxReport:
    """The ledger domain's TaxReport."""

    periods: list[LedgerTax] = strawberry.field(
        description=(
            "Each country and rate of each period with a sale or a refund, by period, country and rate. More than "
            "5,000 are refused with REPORT_TOO_LARGE."
        )
    )
    totals: list[LedgerTax] = strawberry.field(description="Each country and rate in all periods together.")


@strawberry.type(description="What a payment provider has captured for a company and not paid out.")
class LedgerClearing:
    """The ledger domain's ProviderClearing."""

    currency: strawberry.Private[str]

    provider: str = strawberry.field(description="The code of the payment provider, such as STRIPE.")
    amount: Money = _amount(
        "amount", "The balance at the provider as the ledger knows it; negative when the provider is owed."
    )


@strawberry.type(description="What is outstanding at the end of a period, by all entries up to its last day.")
class LedgerOutstanding(_OfPeriod):
    """The ledger domain's Outstanding."""

    receivable: Money = _amount("receivable", "What customers owe for accepted orders that are not paid.")
    undeposited: Money = _amount("undeposited", "Payments that staff recorded, such as cash, and nobody deposited.")
    clearing: list[LedgerClearing] = strawberry.field(
        description="Each payment provider with an entry up to the end of the range, by its code."
    )
    gift_cards: Money = _amount("gift_cards", "What the company owes to holders of gift cards.")
    gift_cards_sold: Money = _amount("gift_cards_sold", "Gift cards that were sold and are not issued yet.")
    store_credit: Money = _amount("store_credit", "What the company owes to customers as store credit.")
    tax_payable: Money = _amount("tax_payable", "Tax that was charged and is not paid to the authorities.")


@strawberry.type(description="An account in a trial balance.")
class LedgerAccountBalance:
    """The ledger domain's AccountBalance."""

    currency: strawberry.Private[str]

    code: str = strawberry.field(description="What lines name the account by, such as 1100.")
    name: str = strawberry.field(description="What the account is called in the chart of accounts, such as Sales.")
    type: LedgerAccountType = strawberry.field(
        description="What the account counts, which decides the side on which it grows."
    )
    debit: Money = _amount("debit", "The sum of the account's debits.")
    credit: Money = _amount("credit", "The sum of the account's credits.")
    balance: Money = _amount("balance", "What the account has on the side on which it grows; negative on the other.")
    account: LedgerAccount | None = relation(
        "code", load_accounts_by_code, description="The account itself, with its present sums."
    )


@strawberry.type(description="Every account of a company's ledger with its sums up to a day. Both sides are equal.")
class LedgerTrialBalance:
    """The ledger domain's TrialBalance."""

    currency: strawberry.Private[str]

    on: date = strawberry.field(description="The day at whose end the balances hold, in the company's time zone.")
    accounts: list[LedgerAccountBalance] = strawberry.field(description="All accounts by their codes.")
    debit: Money = _amount("debit", "The sum of all debits.")
    credit: Money = _amount("credit", "The sum of all credits; it equals `debit`.")
