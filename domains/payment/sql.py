"""SQL of payments that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.payment import data
from domains.payment.models import Balance, Payment, PaymentStatus, Recorded
from domains.payment.provider import Outcome

NOTHING = Balance(Decimal(0), Decimal(0), Decimal(0))


async def begin(tx: Tx, row: data.PaymentCreate) -> Payment | None:
    """A new payment; None when there is one of this id, or another of the order is open."""
    args: list[object] = []
    sql = f"{data.payment.insertion(tx, [row]).sql(args)} on conflict do nothing returning {data.payment.columns()}"
    made = await tx.fetch_row(sql, *args)
    return data.payment.from_record(made) if made else None


async def record(
    tx: Tx, payment_id: UUID, outcome: Outcome, becomes: PaymentStatus, of: Sequence[PaymentStatus], *, now: datetime
) -> Recorded | None:
    """The payment with what the provider said of it; None when it is in no state that this could change."""
    settled_at = None if becomes is PaymentStatus.UNKNOWN else now
    row = await tx.fetch_row(
        f"""
        with held as (
          select id, status as before from payments
          where company_id = $1 and id = $2 and status = any($9::payment_status[]) for no key update
        )
        update payments p set status = $3::payment_status, settled_at = $4, updated_at = $5,
          provider_transaction_id = coalesce($6, p.provider_transaction_id), failure_code = $7, failure_message = $8
        from held where p.company_id = $1 and p.id = held.id
        returning {data.payment.columns("p")}, held.before
        """,
        tx.company_id,
        payment_id,
        becomes.value,
        settled_at,
        now,
        outcome.transaction_id,
        outcome.code,
        outcome.message,
        [status.value for status in of],
    )
    return Recorded(data.payment.from_record(row), PaymentStatus(row["before"])) if row else None


async def unsettled(db: Reader, *, begun_before: datetime, asked_before: datetime, limit: int) -> list[Payment]:
    """Payments of which it is not known whether money moved, or that are to be undone; the longest waiting first."""
    rows = await db.fetch(
        f"""
        select {data.payment.columns()} from payments
        where company_id = $1 and (status in ('PENDING', 'UNKNOWN')
            or (status = 'SUCCEEDED' and void_requested_at is not null))
          and updated_at <= case status when 'PENDING' then $2::timestamptz else $3::timestamptz end
        order by updated_at, id limit $4
        """,
        db.company_id,
        begun_before,
        asked_before,
        limit,
    )
    return [data.payment.from_record(row) for row in rows]


async def request_void(tx: Tx, payment_id: UUID, *, now: datetime) -> Payment:
    """The payment, which must exist, marked to be undone; the first mark stays, and the mark is new work."""
    row = await tx.fetch_row(
        f"""
        update payments set void_requested_at = coalesce(void_requested_at, $3), updated_at = $3
        where company_id = $1 and id = $2 returning {data.payment.columns()}
        """,
        tx.company_id,
        payment_id,
        now,
    )
    return data.payment.from_record(row)  # type: ignore[arg-type] # it is locked by the caller


async def given_back(db: Reader, payment_id: UUID) -> Decimal:
    """What was or is being given back of one payment."""
    taken: Decimal = await db.fetch_value(
        "select coalesce(sum(amount), 0) from refunds "
        "where company_id = $1 and payment_id = $2 and status in ('PENDING', 'SUCCEEDED')",
        db.company_id,
        payment_id,
    )
    return taken


async def balances(db: Reader, order_ids: Collection[UUID]) -> dict[UUID, Balance]:
    """What the payments of orders come to. An order without a captured payment is left out."""
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
          and p.status = 'SUCCEEDED' and p.void_requested_at is null
        group by p.order_id
        """,
        db.company_id,
        list(order_ids),
    )
    return {row["order_id"]: Balance(row["captured"], row["refunded"], row["refunding"]) for row in rows}
