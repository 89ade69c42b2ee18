"""SQL of payments that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.statements import Part, PartRows, Statement, with_clause
from domains.payment import data
from domains.payment.models import Balance, Payment, PaymentStatus, RecordedPayment
from domains.payment.providers.results import ProviderPayment

ZERO_BALANCE = Balance(Decimal(0), Decimal(0), Decimal(0))
WIDTH = len(fields(Payment))
# The status is that of the locked row: the row that the statement read before it waited for the lock may be outdated.
RECORD = """
    locked_payment as (
      select id, status as previous_status from payments
      where company_id = $1 and id = $2 and status = any($4::payment_status[]) and {after} for no key update
    ), recorded as (
      update payments p set status = $3::payment_status, settled_at = $5, updated_at = $6,
        provider_transaction_id = coalesce($7, p.provider_transaction_id),
        next_action_type = $8::next_action_type, next_action_url = $9,
        failure_reason = $10::decline_reason, failure_code = $11, failure_message = $12
      from locked_payment where p.company_id = $1 and p.id = locked_payment.id
      returning p.*, locked_payment.previous_status
    )
"""
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
    values = (
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
    )
    columns = f"{data.payment.columns('recorded')}, recorded.previous_status"
    return Part(RECORD, values, "recorded", columns, WIDTH + 1, locks="locked_payment")


def recorded(rows: PartRows) -> RecordedPayment | None:
    """What a recording returned."""
    if not rows.rows:
        return None
    record = rows.rows[0]
    payment = data.payment.from_record(record, rows.start)
    return RecordedPayment(payment, PaymentStatus(record[rows.start + WIDTH]))


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


async def request_cancellation(tx: Tx, payment_id: UUID, *, now: datetime) -> Payment:
    """The payment, which must exist, with a requested cancellation; the time of the first request stays."""
    (row,) = await tx.fetch(
        f"""
        update payments set cancel_requested_at = coalesce(cancel_requested_at, $3), updated_at = $3
        where company_id = $1 and id = $2 returning {data.payment.columns()}
        """,
        tx.company_id,
        payment_id,
        now,
    )
    return data.payment.from_record(row)


async def refunded_or_refunding(db: Reader, payment_id: UUID) -> Decimal:
    """The sum of a payment's refunds that succeeded or are under way."""
    total: Decimal = await db.fetch_value(
        "select coalesce(sum(amount), 0) from refunds "
        "where company_id = $1 and payment_id = $2 and status in ('PENDING', 'SUCCEEDED')",
        db.company_id,
        payment_id,
    )
    return total


async def balances(db: Reader, order_ids: Collection[UUID]) -> dict[UUID, Balance]:
    """The balances of orders by id; an order without a captured payment is left out."""
    rows = await db.fetch(
        """
        select p.order_id, sum(p.amount) as captured, coalesce(sum(r.refunded), 0) as refunded,
               coalesce(sum(r.refunding), 0) as refunding
        from payments p
        left join lateral (
            select sum(amount) filter (where status = 'SUCCEEDED') as refunded,
                   sum(amount) filter (where status = 'PENDING') as refunding
            from refunds where company_id = $1 and payment_id = p.id
        ) r on true
        where p.company_id = $1 and p.order_id = any($2::uuid[])
          and p.status = 'SUCCEEDED' and p.cancel_requested_at is null
        group by p.order_id
        """,
        db.company_id,
        list(order_ids),
    )
    return {row["order_id"]: Balance(row["captured"], row["refunded"], row["refunding"]) for row in rows}
