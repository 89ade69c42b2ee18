"""SQL of payments that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.statements import Part, PartRows, Statement, with_clause
from domains.payment import data
from domains.payment.models import Amounts, Balance, Payment, PaymentStatus, RecordedPayment, Refund, RefundLine
from domains.payment.providers.results import ProviderPayment
from domains.payment.transactions import NUMBER_OF_VALUES, AddedTransactions, insertion, posting

ZERO_BALANCE = Balance(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
WIDTH = len(fields(Payment))
# The status is that of the locked row: the row that the statement read before it waited for the lock may be outdated.
# An answer that comes too late changes no status, but its transactions count. What is captured is only reversed by a
# refund, unless the payment is being cancelled.
RECORD = f"""
    locked_payment as (
      select *, status = any($4::payment_status[]) and (status <> 'SUCCEEDED' or cancel_requested_at is not null)
        as applies
      from payments where company_id = $1 and id = $2 and {{after}} for no key update
    ), posted as (
      {insertion("locked_payment p", [f"${number}" for number in range(13, 13 + NUMBER_OF_VALUES)])}
      returning id, type, status, amount
    ), recorded as (
      update payments p set
        status = case when b.applies then $3::payment_status else b.status end,
        settled_at = case when b.applies then $5 else b.settled_at end,
        updated_at = $6,
        provider_transaction_id = coalesce($7, p.provider_transaction_id),
        next_action_type = case when b.applies then $8::next_action_type else b.next_action_type end,
        next_action_url = case when b.applies then $9 else b.next_action_url end,
        failure_reason = case when b.applies then $10::decline_reason else b.failure_reason end,
        failure_code = case when b.applies then $11 else b.failure_code end,
        failure_message = case when b.applies then $12 else b.failure_message end,
        amount_captured = b.amount_captured + coalesce((select sum(amount) from posted
          where status = 'SUCCEEDED' and type in ('CHARGE', 'CAPTURE')), 0)
      from locked_payment b
      where p.company_id = $1 and p.id = b.id and (b.applies or exists (select from posted))
      returning p.*, b.status as previous_status, b.amount_captured as previously_captured,
        (select id from posted where type in ('CHARGE', 'CAPTURE') order by id desc limit 1) as capture_id,
        (select id from posted where type = 'REFUND' order by id desc limit 1) as refund_id,
        (select id from posted where type = 'CHARGEBACK' order by id desc limit 1) as chargeback_id,
        exists (select from posted where type in ('REFUND', 'CHARGEBACK')
          or (status = 'FAILED' and b.amount_captured > 0)) as is_reversed
    )
"""
RECORDED = ("previous_status", "previously_captured", "is_reversed", "capture_id", "refund_id", "chargeback_id")
FINAL_STATUSES = (PaymentStatus.SUCCEEDED, PaymentStatus.FAILED, PaymentStatus.CANCELLED)


async def create(tx: Tx, row: data.PaymentCreate, alongside: Sequence[Statement]) -> Payment | None:
    """A new payment; None when there is one with this id, or another of the order is open."""
    args: list[object] = []
    others = with_clause(alongside, args)
    sql = f"{data.payment.insertion(tx, [row]).sql(args)} on conflict do nothing returning {data.payment.columns()}"
    record = await tx.fetch_row(others + sql, *args)
    return data.payment.from_record(record) if record else None


def recording(
    tx: Tx,
    payment_id: UUID,
    result: ProviderPayment,
    following: PaymentStatus,
    applies_to: Sequence[PaymentStatus],
    *,
    now: datetime,
) -> Part:
    """The payment with the provider's answer; no row when the answer does not apply to its status."""
    action, decline = result.next_action, result.decline
    values: tuple[object, ...] = (
        tx.company_id,
        payment_id,
        following.value,
        [status.value for status in applies_to],
        now if following in FINAL_STATUSES else None,
        now,
        result.provider_id,
        action and action.type.value,
        action and action.url,
        decline and decline.reason.value,
        decline and decline.code,
        decline and decline.message,
        *posting(now, result.transactions),
    )
    columns = ", ".join(f"recorded.{column}" for column in RECORDED)
    columns = f"{data.payment.columns('recorded')}, {columns}"
    return Part(RECORD, values, "recorded", columns, WIDTH + len(RECORDED), locks="locked_payment")


@dataclass(frozen=True, slots=True)
class Recording:
    """What a recording returned: the payment after it and before, and the transactions that were added.

    `is_reversed` says whether it posted a refund, a chargeback, or the failure of a capture.
    """

    recorded: RecordedPayment
    before: Payment
    is_reversed: bool
    added: AddedTransactions


def recorded(rows: PartRows) -> Recording | None:
    """What a recording returned; None when the answer changed nothing."""
    if not rows.rows:
        return None
    record = rows.rows[0]
    payment = data.payment.from_record(record, rows.start)
    start = rows.start + WIDTH
    status, captured, is_reversed, *added = record[start : start + len(RECORDED)]
    before = data.payment.from_record.changed(payment, {"status": PaymentStatus(status), "amount_captured": captured})
    recorded = RecordedPayment(payment, before.status, Amounts.of(before))
    return Recording(recorded, before, is_reversed, AddedTransactions(*added))


async def lock_refund(tx: Tx, refund_id: UUID) -> Refund | None:
    """A refund, whose payment is locked until the transaction ends: payments are locked before their refunds."""
    row = await tx.fetch_row(
        f"""
        select {data.refund.columns("r")} from refunds r
        join payments p on p.company_id = r.company_id and p.id = r.payment_id
        where r.company_id = $1 and r.id = $2 for no key update of p
        """,
        tx.company_id,
        refund_id,
    )
    return data.refund.from_record(row) if row else None


async def due_payments(
    db: Reader, *, created_before: datetime, checked_before: datetime, limit: int
) -> list[Payment]:
    """Payments without an outcome, or with a capture or cancellation to carry out; the longest waiting first.

    The first condition is that of the index payments_open.
    """
    rows = await db.fetch(
        f"""
        select {data.payment.columns()} from payments
        where company_id = $1
          and (status not in ('SUCCEEDED', 'FAILED', 'CANCELLED')
            or (status = 'SUCCEEDED' and cancel_requested_at is not null))
          and (status <> 'AUTHORIZED' or capture_requested_at is not null or cancel_requested_at is not null)
          and updated_at <= case status when 'PENDING' then $2::timestamptz else $3::timestamptz end
        order by updated_at, id limit $4
        """,
        db.company_id,
        created_before,
        checked_before,
        limit,
    )
    return [data.payment.from_record(row) for row in rows]


async def due_authorizations(
    db: Reader, *, ended_before: datetime, checked_before: datetime, limit: int
) -> list[Payment]:
    """Payments whose authorization should have ended without a capture; the longest unchecked first."""
    rows = await db.fetch(
        f"""
        select {data.payment.columns()} from payments
        where company_id = $1 and status = 'AUTHORIZED' and authorized_until <= $2 and updated_at <= $3
          and capture_requested_at is null and cancel_requested_at is null
        order by updated_at, id limit $4
        """,
        db.company_id,
        ended_before,
        checked_before,
        limit,
    )
    return [data.payment.from_record(row) for row in rows]


async def abandon(tx: Tx, payment_id: UUID, *, now: datetime) -> Payment | None:
    """The payment with a requested cancellation; None unless it waits for its buyer."""
    rows = await tx.fetch(
        f"""
        update payments set cancel_requested_at = coalesce(cancel_requested_at, $3), updated_at = $3
        where company_id = $1 and id = $2 and status in ('REQUIRES_ACTION', 'PROCESSING')
        returning {data.payment.columns()}
        """,
        tx.company_id,
        payment_id,
        now,
    )
    return data.payment.from_record(rows[0]) if rows else None


async def refunded_or_refunding(db: Reader, payment_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """The sum of each payment's refunds that succeeded or are under way; a payment without any is left out."""
    rows = await db.fetch(
        "select payment_id, sum(amount) as amount from refunds "
        "where company_id = $1 and payment_id = any($2::uuid[]) and status in ('PENDING', 'SUCCEEDED') group by 1",
        db.company_id,
        list(payment_ids),
    )
    return {row["payment_id"]: row["amount"] for row in rows}


async def refunded_lines(db: Reader, order_ids: Collection[UUID]) -> list[RefundLine]:
    """The lines of the refunds of orders that succeeded or are under way, oldest first."""
    rows = await db.fetch(
        f"""
        select {data.refund_line.columns("l")} from refund_lines l
        join refunds r on r.company_id = l.company_id and r.id = l.refund_id
        where l.company_id = $1 and l.order_id = any($2::uuid[]) and r.status in ('PENDING', 'SUCCEEDED')
        order by l.id
        """,
        db.company_id,
        list(order_ids),
    )
    return [data.refund_line.from_record(row) for row in rows]


def reading_lines(db: Reader, refund_id: UUID) -> Part:
    """The lines of a refund; see `read_lines`."""
    lines = "lines_of_refund as (select * from refund_lines where company_id = $1 and refund_id = $2)"
    columns = data.refund_line.columns("lines_of_refund")
    return Part(lines, (db.company_id, refund_id), "lines_of_refund", columns, len(fields(RefundLine)))


def read_lines(rows: PartRows) -> tuple[RefundLine, ...]:
    """The lines of `reading_lines`, in their order."""
    lines = (data.refund_line.from_record(row, rows.start) for row in rows.rows)
    return tuple(sorted(lines, key=attrgetter("id")))


async def balances(db: Reader, order_ids: Collection[UUID]) -> dict[UUID, Balance]:
    """The balances of orders by id; an order without a captured payment is left out."""
    rows = await db.fetch(
        """
        select p.order_id, sum(p.amount_captured) as captured, sum(p.amount_refunded) as refunded,
               coalesce(sum(r.refunding), 0) as refunding, sum(p.amount_charged_back) as charged_back
        from payments p
        left join lateral (
            select sum(amount) as refunding from refunds
            where company_id = $1 and payment_id = p.id and status = 'PENDING'
        ) r on true
        where p.company_id = $1 and p.order_id = any($2::uuid[])
          and p.status = 'SUCCEEDED' and p.cancel_requested_at is null
        group by p.order_id
        """,
        db.company_id,
        list(order_ids),
    )
    return {
        row["order_id"]: Balance(row["captured"], row["refunded"], row["refunding"], row["charged_back"])
        for row in rows
    }
