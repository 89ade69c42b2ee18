"""What must hold of money: after each step, and when the jobs have nothing left to do."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domains.order.models import Order
from domains.payment.lifecycle import OPEN
from domains.payment.models import Payment
from tests.domains.order.payments.interleavings.bank import Held

if TYPE_CHECKING:
    from tests.domains.order.payments.interleavings.run import Interleaving

NOT_REFUNDED = "The captured amount of a cancelled or failed order is refunded"
# The provider refused the refund, or the money came back by a dispute that the shop won later: staff refund it.
LEFT_TO_STAFF = """
select order_number from orders
where company_id = $1 and (id in (select order_id from refunds where status = 'FAILED') or id in (
  select p.order_id from payments p
  join payment_transactions t on t.company_id = p.company_id and t.payment_id = p.id
  where t.type = 'CHARGEBACK' and t.status = 'FAILED'))
"""
# What a webhook may have failed of: the process died, or the provider did not answer.
WEBHOOK_ERRORS = """
select event_type, error from payment_webhooks
where company_id = $1 and error like '%: see the log.' and error not like 'FailPointReached:%'
"""
LEDGER = """
select p.id,
  coalesce(sum(t.amount) filter (where t.type in ('CHARGE', 'CAPTURE')), 0)
  - coalesce(sum(t.amount) filter (where t.type in ('REFUND', 'CHARGEBACK')), 0) as left
from payments p
left join lateral (
  select distinct on (provider_transaction_id, type) type, status, amount from payment_transactions
  where payment_id = p.id order by provider_transaction_id, type, status desc) t
  on t.status = 'SUCCEEDED' or (t.status = 'PENDING' and t.type = 'CHARGEBACK')
where p.company_id = $1 group by p.id
"""


async def broken_now(run: "Interleaving") -> list[Any]:
    """The rules that do not hold, each with the order or payment of which it does not."""
    found: list[Any] = []
    for number in range(len(run.orders)):
        order, payments = await run.shop.order(run.orders[number].id), await run.payments(number)
        found += _of_order(order, payments)
        for payment in payments:
            found += _of_payment(payment, await run.held(payment), order)
    found += await run.shop.broken_ledger()
    rows = await run.shop.owner.fetch(WEBHOOK_ERRORS, run.shop.company_id)
    return found + [("no webhook fails", *row) for row in rows]


def _of_order(order: Order, payments: Sequence[Payment]) -> list[Any]:
    open_payments = [each for each in payments if each.status in OPEN and each.cancel_requested_at is None]
    rules = {
        "no more captured than the total": order.amount_captured <= order.total,
        "no open payment beside a paid order": order.paid_at is None or not open_payments,
        "one open payment": len(open_payments) <= 1,
    }
    return [(rule, order.order_number, order.status) for rule, holds in rules.items() if not holds]


def _of_payment(payment: Payment, held: Held, order: Order) -> list[Any]:
    returned = payment.amount_refunded + payment.amount_charged_back
    rules = {
        "captured once": held.captures <= 1,
        "no more taken than the total": held.captured <= order.total,
        "no more returned than captured": held.refunded + held.charged_back <= held.captured,
        "no more returned than captured in our books": returned <= payment.amount_captured,
    }
    return [(rule, payment.id, payment.status, held) for rule, holds in rules.items() if not holds]


async def broken_at_last(run: "Interleaving") -> list[Any]:
    """As `broken_now`, and that all books agree."""
    found: list[Any] = await broken_now(run)
    found += [("the provider accepts all requests", each) for each in run.bank.complaints()]
    found += [("nothing is due", each) for each in await run.due()]
    ledger = {row["id"]: row["left"] for row in await run.shop.owner.fetch(LEDGER, run.shop.company_id)}
    for number in range(len(run.orders)):
        order, left = await run.shop.order(run.orders[number].id), Decimal(0)
        for payment in await run.payments(number):
            held = await run.held(payment)
            left += held.left
            in_books = payment.amount_captured - payment.amount_refunded - payment.amount_charged_back
            if not held.left == in_books == ledger[payment.id]:
                found.append(
                    ("the same in all books", payment.id, payment.status, held, in_books, ledger[payment.id])
                )
            run.seen[payment.status] += 1
        if left != order.amount_captured - order.amount_refunded - order.amount_charged_back:
            found.append(("the order has what the provider has", order.order_number, order.status, left))
        run.seen[f"order {order.payment_status}"] += 1
    left_to_staff = {row[0] for row in await run.shop.owner.fetch(LEFT_TO_STAFF, run.shop.company_id)}
    for rule, row in await run.shop.broken():
        if rule != NOT_REFUNDED or row["order_number"] not in left_to_staff:
            found.append((rule, dict(row)))
    return found
