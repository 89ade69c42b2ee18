"""`commerce doctor` finds entries of the ledger that disagree with orders and payments."""

from contextlib import suppress
from typing import Any

import pytest

from domains.order.payments.refund_lines import NewRefund
from tests.conftest import Undo
from tests.domains.order.storefront import LEDGER_RULES, Storefront

DEBITS, LINES, SALE, RECEIVABLE, AMOUNTS, NOTES, PAYMENTS = (rule.rule for rule in LEDGER_RULES)
DELETE = """
with deleted as (delete from ledger_entries where company_id = $1 and kind = '{}' returning id)
delete from ledger_lines where entry_id in (select id from deleted)
"""
CHANGE = """
update ledger_lines l set {} from ledger_entries e where l.company_id = $1 and e.id = l.entry_id and {}
"""
SALES = "e.kind = 'SALE' and l.account = '4000'"
BREAKS = {
    "an entry that does not balance": (CHANGE.format("amount = l.amount + 1", SALES), {DEBITS, LINES, AMOUNTS}),
    "a line is missing": (
        "delete from ledger_lines where company_id = $1 and account = '1200.MOCK'", {DEBITS, LINES, PAYMENTS}
    ),
    "no sale": (DELETE.format("SALE"), {SALE}),
    "no payment": (DELETE.format("PAYMENT"), {RECEIVABLE, PAYMENTS}),
    "no credit note": (DELETE.format("CREDIT_NOTE"), {RECEIVABLE, NOTES}),
    "more refunded in the order": (
        "update orders set amount_refunded = amount_refunded + 1 where company_id = $1", {RECEIVABLE}
    ),
    "a loss that is not posted": ("update orders set amount_charged_back = 1 where company_id = $1", {RECEIVABLE}),
    "a sale at another rate": (CHANGE.format("tax_rate = 0.07", SALES), {AMOUNTS}),
    "sales booked as shipping": (CHANGE.format("account = '4100'", SALES), {AMOUNTS}),
    "an allowance booked as tax": (CHANGE.format("account = '2000'", "l.account = '4900'"), {NOTES}),
    "a credit note at another rate": (CHANGE.format("tax_rate = 0.07", "l.account = '4900'"), {NOTES}),
    "a payment on another account": (CHANGE.format("account = '1050'", "l.account = '1200.MOCK'"), {PAYMENTS}),
}  # fmt: skip


async def broken(shop: Storefront, sql: str) -> set[str]:
    """The rules that this shop breaks when this is written past the domain; it is undone."""
    found: set[str] = set()
    async with shop.owner.acquire() as connection:
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(sql, shop.company_id)
                for rule in LEDGER_RULES:
                    rows: list[Any] = await connection.fetch(rule.query.replace("limit 20", ""))
                    if any(row["company_id"] == shop.company_id for row in rows):
                        found.add(rule.rule)
                raise Undo
    return found


async def test_what_disagrees_with_the_ledger_is_found(shop: Storefront) -> None:
    await shop.stock("A", 9)
    ada, clerk = await shop.customer(), await shop.staff()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 2)))
    await shop.services.order.refunds.refund(shop.database, clerk, order.id, NewRefund(amount=order.total / 4))
    found = {name: await broken(shop, sql) for name, (sql, _) in BREAKS.items()}
    assert found == {name: rules for name, (_, rules) in BREAKS.items()}
    assert set().union(*found.values()) == {rule.rule for rule in LEDGER_RULES}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("status = 'CANCELLED', cancelled_at = now()", RECEIVABLE),
        ("status = 'FAILED', failed_at = now()", RECEIVABLE),
        ("status = 'PENDING', accepted_at = null, expires_at = now()", SALE),
    ],
)
async def test_an_accepted_order_that_was_changed_without_the_ledger_is_found(
    shop: Storefront, change: str, rule: str
) -> None:
    await shop.stock("A", 9)
    ada = await shop.customer()
    await shop.accept(ada, await shop.buy(ada, ("A", 2)))
    assert await broken(shop, f"update orders set {change} where company_id = $1") == {rule}  # noqa: S608 - of this test
