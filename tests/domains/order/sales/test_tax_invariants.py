"""`commerce doctor` finds orders whose taxes differ from their lines and shipping."""

from contextlib import suppress

import pytest

from domains.order.sales.tax_invariants import INVARIANTS
from tests.conftest import Undo
from tests.domains.order.storefront import Storefront

AMOUNTS, CURRENCY = (rule.rule for rule in INVARIANTS)
HALF = """
insert into order_taxes (id, company_id, order_id, order_item_id, name, rate, taxable, amount, currency)
select gen_random_uuid(), company_id, order_id, order_item_id, 'Half', 0, taxable / 2, 0, currency
from order_taxes where order_id = $1
"""
SHIPPING = """
insert into order_taxes (id, company_id, order_id, part, name, rate, taxable, amount, currency)
select gen_random_uuid(), company_id, id, 1, 'Tax', 0.1, 1, 0.1, currency from orders where id = $1
"""
BREAKS = {
    "nothing": ("select $1::uuid", set()),
    "more tax of a line": ("update order_taxes set amount = amount + 1 where order_id = $1", {AMOUNTS}),
    "less that is taxable": ("update order_taxes set taxable = taxable - 1 where order_id = $1", {AMOUNTS}),
    "another rate": ("update order_taxes set rate = 0.5 where order_id = $1", {AMOUNTS}),
    "no taxes": ("delete from order_taxes where order_id = $1", {AMOUNTS}),
    "a tax of half of a line": (HALF, {AMOUNTS}),
    "shipping that is not in the order": (SHIPPING, {AMOUNTS}),
    "more shipping": ("update orders set shipping_cost = shipping_cost + 1 where id = $1", {AMOUNTS}),
    "another currency": ("update order_taxes set currency = 'CHF' where order_id = $1", {CURRENCY}),
}


@pytest.mark.parametrize("case", BREAKS)
async def test_taxes_that_differ_from_their_order_are_found(shop: Storefront, case: str) -> None:
    sql, expected = BREAKS[case]
    await shop.stock("A", 9)
    order = await shop.buy(await shop.customer(), ("A", 2))
    found: set[str] = set()
    async with shop.owner.acquire() as connection:
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(sql, order.id)
                for rule in INVARIANTS:
                    rows = await connection.fetch(rule.query.replace("limit 20", ""))
                    if any(row["order_number"] == order.order_number for row in rows):
                        found.add(rule.rule)
                raise Undo
    assert found == expected
