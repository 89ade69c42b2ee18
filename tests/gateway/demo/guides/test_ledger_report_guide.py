"""The queries of docs/ledger-reports.md are answered in the demo shop."""

import httpx

from tests.gateway.demo.guides.test_payment_guide import operations
from tests.gateway.demo.test_orders import ask, log_in


async def test_the_reports_of_the_guide_are_shown(client: httpx.AsyncClient) -> None:
    staff = await log_in(client, 0)
    answers = [await ask(client, each, staff) for each in operations("docs/ledger-reports.md")]
    revenue, taxes, outstanding, trial_balance = (answer.popitem() for answer in answers)
    assert [len(revenue[1]["periods"]), len(outstanding[1])] == [30, 2]
    assert {name for name, _ in (revenue, taxes, outstanding, trial_balance)} == {
        "ledgerRevenue",
        "ledgerTaxes",
        "ledgerOutstanding",
        "ledgerTrialBalance",
    }
    assert trial_balance[1]["debit"] == trial_balance[1]["credit"]
