"""What somebody does to an order or one of its payments, by the name of the step."""

import io
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from domains.kernel.errors import DomainError
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.order.models import OrderStatus
from domains.order.payments.payments import PaymentData
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.models import CaptureMode, Payment, PaymentMethod
from tests.domains.order.payments.interleavings.script import Step
from tests.domains.payment.settlements.report_files import stripe, stripe_row

if TYPE_CHECKING:
    from tests.domains.order.payments.interleavings.run import Interleaving

Action: TypeAlias = Callable[["Interleaving", Step], Awaitable[Any]]
PaymentAction: TypeAlias = Callable[["Interleaving", Step, Payment], Awaitable[Any]]
AMOUNTS: Final = (None, None, Decimal("4.90"), Decimal("12.00"), Decimal("19.90"), Decimal("30.00"))
UNITS: Final = NewRefund(lines=[])  # one unit of a line
OF_SHIPPING: Final = (NewRefund(shipping=True), NewRefund(shipping_amount=Decimal("1.23")))
REFUNDS: Final = (*(NewRefund(amount=amount) for amount in AMOUNTS), UNITS, UNITS, UNITS, *OF_SHIPPING, *OF_SHIPPING)
RETURN_URL: Final = "https://shop.example/orders"
MINUTES: Final = (1, 3, 16, 31)
CATEGORIES: Final = {"CHARGE": "charge", "CAPTURE": "charge", "REFUND": "refund"}
SETTLED: Final = """
select id, type::text, case type when 'REFUND' then -amount else amount end::numeric(19, 2) as gross,
  provider_transaction_id as source
from payment_transactions
where company_id = $1 and provider = 'STRIPE' and status = 'SUCCEEDED' and type in ('CHARGE', 'CAPTURE', 'REFUND')
"""


async def act(run: "Interleaving", step: Step) -> None:
    """Take a step; one about a payment takes the latest of the order in most cases."""
    if action := OF_ORDERS.get(step.kind):
        await action(run, step)
    elif payments := [each for each in await run.payments(run.places[step.order]) if each.tender_id is None]:
        payment = payments[-1 if step.pick % 4 else step.pick % len(payments)]
        await OF_PAYMENTS[step.kind](run, step, payment)


async def _begin(run: "Interleaving", step: Step, work: Callable[[Attempt], Awaitable[Any]]) -> None:
    """Begin a workflow that its caller may repeat under the same key."""
    attempt_id = new_id()
    repeat = run.repeats[step.order] = lambda: work(Attempt(run.database, attempt_id))
    await repeat()


# ---- orders


async def _pay(run: "Interleaving", step: Step) -> None:
    instruments = list(run.bank.instruments.values())
    order_id, data = run.order_at(step.order).id, paying(instruments[step.pick % len(instruments)])
    await _begin(run, step, lambda attempt: run.order.process_payment(attempt, run.buyer, order_id, data))


def paying(instrument: Any) -> PaymentData:
    return PaymentData(instrument=instrument, return_url=RETURN_URL)


async def _refund(run: "Interleaving", step: Step) -> None:
    order_id, new = run.order_at(step.order).id, REFUNDS[step.pick % len(REFUNDS)]
    if new.lines is not None:
        items = run.items[run.places[step.order]]
        new = replace(new, lines=[RefundedUnits(items[step.pick % len(items)], 1)])
    await _begin(run, step, lambda attempt: run.order.refunds.refund(attempt, run.staff, order_id, new))


async def _cancel(run: "Interleaving", step: Step) -> None:
    order_id, actor = run.order_at(step.order).id, run.staff if step.pick % 2 else run.buyer
    await _begin(run, step, lambda attempt: run.order.cancel_order(attempt, actor, order_id))


async def _repeat(run: "Interleaving", step: Step) -> None:
    if step.order in run.repeats:
        await run.repeats[step.order]()


async def _accept(run: "Interleaving", step: Step) -> None:
    data = PaymentData(method=PaymentMethod.INVOICE)
    await run.order.process_payment(run.database, run.buyer, run.order_at(step.order).id, data)


async def _choose_mode(run: "Interleaving", step: Step) -> None:
    await run.shop.set_mode(list(CaptureMode)[step.pick % len(CaptureMode)])


async def _ship(run: "Interleaving", step: Step) -> None:
    await _move(run, step, OrderStatus.PROCESSING)
    await _move(run, step, OrderStatus.SHIPPED)


async def _deliver(run: "Interleaving", step: Step) -> None:
    await _move(run, step, OrderStatus.DELIVERED)


async def _move(run: "Interleaving", step: Step, status: OrderStatus) -> None:
    order_id = run.order_at(step.order).id
    with suppress(DomainError):
        await run.shop.run(lambda tx: run.order.update_status(tx, run.staff, order_id, status), run.staff)


# ---- gift cards and store credit


async def _spend(run: "Interleaving", step: Step) -> None:
    """Order again, with gift cards and store credit; most are then paid in part or in whole."""
    cards = run.cards[: step.pick % (len(run.cards) + 1)]
    await run.shop.fill(run.buyer, ("A", 1 + step.pick % 4), ("B", 1 + step.pick % 3))
    for card in cards:
        with suppress(DomainError):
            await run.wallet.apply(run.buyer, card)
    if step.pick % 3:
        await run.wallet.use_credit(run.buyer)
    await run.replace(step.order, (await run.shop.place(run.buyer)).order)


async def _issue(run: "Interleaving", step: Step) -> None:
    """Issue another gift card, or change the balance of one."""
    if step.pick % 2:
        run.cards.insert(0, await run.wallet.card("7.50"))
        return
    amount, card = Decimal(step.pick % 30 - 10), run.cards[step.pick % len(run.cards)][0]
    adjust = run.payment.gift_cards.adjust
    await run.shop.run(lambda tx: adjust(tx, card.id, amount, "Counted again"), run.staff)


async def _toggle(run: "Interleaving", step: Step) -> None:
    """Disable a gift card, or enable it again."""
    cards, card = run.payment.gift_cards, run.cards[step.pick % len(run.cards)][0]
    change = cards.disable if step.pick % 2 else cards.enable
    await run.shop.run(lambda tx: change(tx, card.id), run.staff)


async def _settle(run: "Interleaving", step: Step) -> None:
    """Import what Stripe has settled so far, with fees and a payout; earlier reports have some of the rows too."""
    if run.bank.name != "STRIPE":
        return
    rows = [
        stripe_row(f"txn_{row['id'].hex}", CATEGORIES[row["type"]], f"{row['gross']:f}", "0.59", row["source"])
        for row in await run.shop.owner.fetch(SETTLED, run.shop.company_id)
    ]
    rows.append(stripe_row(f"po_{new_id().hex}", "payout", f"-{1 + step.pick}.00"))
    report = io.BytesIO(stripe(*rows))
    await run.payment.settlements.imports.run(run.database, run.staff, "STRIPE", report)


# ---- jobs and time


async def _process_webhooks(run: "Interleaving", step: Step) -> None:
    await run.order.webhooks.process_due(run.database, run.system)


async def _reconcile(run: "Interleaving", step: Step) -> None:
    await run.order.reconciliation.reconcile(run.database, run.system)


async def _expire(run: "Interleaving", step: Step) -> None:
    await run.order.expiry.end_unpaid(run.database, run.system)
    await run.order.expiry.end_refunded(run.database, run.system)


async def _wait(run: "Interleaving", step: Step) -> None:
    run.shop.clock.advance(timedelta(minutes=MINUTES[step.pick % len(MINUTES)]))


# ---- payments


async def _capture(run: "Interleaving", step: Step, payment: Payment) -> None:
    amount = AMOUNTS[step.pick % len(AMOUNTS)]
    await run.order.captures.capture(run.database, run.staff, payment.id, amount=amount)


async def _void(run: "Interleaving", step: Step, payment: Payment) -> None:
    await run.order.captures.void(run.database, run.staff, payment.id)


async def _look_up(run: "Interleaving", step: Step, payment: Payment) -> None:
    await run.order.reconciliation.look_up(run.database, run.system, payment)


async def _return(run: "Interleaving", step: Step, payment: Payment) -> None:
    """The buyer comes back from the page of the provider."""
    await run.order.confirmation.confirm(run.database, run.buyer, payment.id)


async def _webhook(run: "Interleaving", step: Step, payment: Payment) -> None:
    """Receive a webhook; some are processed later by the job."""
    event = await run.bank.webhook(payment, step.pick)
    if event is None:
        return
    webhook_id = await run.payment.webhooks.receive(run.database, run.system, run.bank.name, *event)
    if webhook_id is not None and step.pick % 3:
        await run.order.webhooks.process(run.database, run.system, webhook_id)


async def _refund_at_provider(run: "Interleaving", step: Step, payment: Payment) -> None:
    await run.bank.refund(payment, AMOUNTS[step.pick % len(AMOUNTS)] or Decimal("19.90"))


OF_ORDERS: Final[Mapping[str, Action]] = {
    "pay": _pay,
    "refund": _refund,
    "cancel": _cancel,
    "repeat": _repeat,
    "accept": _accept,
    "mode": _choose_mode,
    "ship": _ship,
    "deliver": _deliver,
    "process webhooks": _process_webhooks,
    "reconcile": _reconcile,
    "expire": _expire,
    "wait": _wait,
    "spend": _spend,
    "issue": _issue,
    "toggle": _toggle,
    "settle": _settle,
}
OF_PAYMENTS: Final[Mapping[str, PaymentAction]] = {
    "capture": _capture,
    "void": _void,
    "return": _return,
    "look up": _look_up,
    "webhook": _webhook,
    "approve": lambda run, step, payment: run.bank.answer(payment, succeeds=True),
    "refuse": lambda run, step, payment: run.bank.answer(payment, succeeds=False),
    "refund at the provider": _refund_at_provider,
    "dispute": lambda run, step, payment: run.bank.dispute(payment),
    "win": lambda run, step, payment: run.bank.end_dispute(payment, is_won=True),
    "lose": lambda run, step, payment: run.bank.end_dispute(payment, is_won=False),
}
