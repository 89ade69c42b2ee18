"""The operations of docs/ledger.md, one after the other, and its table of accounts."""

import re
from pathlib import Path

import httpx

from domains.ledger import chart
from gateway.demo.loader import Demo
from gateway.demo.welcome import purchases_for
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import ask, log_in

GUIDE = "docs/ledger.md"
ROW = re.compile(r"^\| (\d{4}) \| ([^|]+) \| ([A-Z]+) \|", re.MULTILINE)


async def test_the_operations_of_the_guide_show_and_adjust_the_ledger(client: httpx.AsyncClient, demo: Demo) -> None:
    accounts, entries, order, add, adjust, adjusted, reverse = operations(GUIDE)
    customer, staff, purchase = await log_in(client, 1), await log_in(client, 0), await demo.purchase()
    assert purchase is not None
    create, pay = purchases_for(purchase)
    order_id = (await ask(client, create, customer))["orderCreate"]["order"]["id"]
    await value(client, pay.replace("ID OF THE ORDER", order_id), customer)

    listed = (await value(client, accounts, staff))["nodes"]
    assert {"1100", "1200.MOCK"} <= {each["code"] for each in listed}
    found = await value(client, entries, staff)
    assert [len(each["lines"]) >= 2 for each in found["nodes"]] == [True] * 3
    of_order = (await value(client, filled(order, order_id), staff))["ledgerEntries"]
    assert "PAYMENT" in {each["kind"] for each in of_order}

    assert (await value(client, add, staff))["account"]["code"] == "60100"
    posted = (await value(client, adjust, staff))["entry"]
    assert (posted["kind"], posted["reason"]) == ("ADJUSTMENT", "Account statement of May")
    (shown,) = (await value(client, adjusted, staff))["nodes"]
    assert (shown["id"], shown["performedByUser"], shown["reversedBy"]) == (
        posted["id"],
        {"email": "admin@example.com"},
        None,
    )
    back = (await value(client, filled(reverse, posted["id"]), staff))["entry"]
    assert (back["kind"], back["reverses"]["id"]) == ("ADJUSTMENT_REVERSAL", posted["id"])


def test_the_guide_lists_the_standard_accounts() -> None:
    listed = ROW.findall((Path(__file__).parents[4] / GUIDE).read_text())
    assert listed == [(each.code, each.name, each.type.value) for each in chart.STANDARD.values()]
