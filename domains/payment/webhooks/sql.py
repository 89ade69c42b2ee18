"""SQL of webhooks that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.payment import data
from domains.payment.models import PaymentWebhook

CLAIM: Final = """
update payment_webhooks set attempts = attempts + 1, next_attempt_at = $3
where company_id = $1 and id = (
  select id from payment_webhooks
  where company_id = $1 and status = 'PENDING' and next_attempt_at <= $2 and ($4::uuid is null or id = $4)
  order by next_attempt_at, id limit 1 for update skip locked)
returning {columns}
"""
RECLAIM: Final = """
update payment_webhooks set status = 'PENDING', processed_at = null, error = null, attempts = 1, next_attempt_at = $3
where company_id = $1 and id = $2
returning {columns}
"""
END: Final = """
update payment_webhooks set status = $3::payment_webhook_status, payment_id = coalesce($4, payment_id), error = $5,
  next_attempt_at = coalesce($6, next_attempt_at), processed_at = $7
where company_id = $1 and id = $2 and status = 'PENDING'
returning {columns}
"""
# Each event with the payment that it names: by our id, or else by an id of the provider.
PAYMENTS: Final = """
select e.position, found.payment_id, 1 as place
from unnest($3::uuid[], $4::integer[]) as e (reference, position)
join lateral (
  select id as payment_id from payments where company_id = $1 and provider = $2 and id = e.reference) found on true
union all
select i.position, found.payment_id, 2
from unnest($5::text[], $6::integer[]) as i (id, position)
join lateral (
  select id as payment_id from payments
  where company_id = $1 and provider = $2 and provider_transaction_id = i.id
  union all
  select payment_id from payment_transactions
  where company_id = $1 and provider = $2 and provider_transaction_id = i.id) found on true
order by place
"""
PROVIDERS: Final = """
select provider from payment_accounts where company_id = $1
union
select distinct provider from payments
where company_id = $1 and provider = any($2::text[])
  and status not in ('SUCCEEDED', 'FAILED', 'CANCELLED')
"""
MOVE_CURSOR: Final = """
insert into payment_event_cursors (company_id, provider, listed_to) values ($1, $2, $3)
on conflict (company_id, provider) do update
  set listed_to = greatest(payment_event_cursors.listed_to, excluded.listed_to)
"""
DELETE_BEFORE: Final = """
delete from payment_webhooks
where company_id = $1 and id = any(array(
  select id from payment_webhooks
  where company_id = $1 and created_at < $2 and status <> 'PENDING' order by created_at, id limit $3))
"""


async def insert(tx: Tx, rows: Sequence[data.PaymentWebhookCreate]) -> list[UUID]:
    """Add webhooks; the ids of those whose events were not known."""
    args: list[object] = []
    statement = data.payment_webhook.insertion(tx, rows).sql(args)
    return [row[0] for row in await tx.fetch(f"{statement} on conflict do nothing returning id", *args)]


async def claim(tx: Tx, now: datetime, until: datetime, webhook_id: UUID | None) -> PaymentWebhook | None:
    """A due webhook, this one if it is given, which nobody else claims until a time; None without one."""
    return await _changed(tx, CLAIM, now, until, webhook_id)


async def reclaim(tx: Tx, webhook_id: UUID, until: datetime) -> PaymentWebhook | None:
    """A webhook of any status, PENDING again and claimed until a time; None without one."""
    return await _changed(tx, RECLAIM, webhook_id, until)


async def end(
    tx: Tx,
    webhook_id: UUID,
    status: data.WebhookStatus,
    payment_id: UUID | None,
    error: str | None,
    next_attempt_at: datetime | None,
    processed_at: datetime | None,
) -> PaymentWebhook | None:
    """The webhook after an attempt to process it; None when another attempt has ended it."""
    return await _changed(tx, END, webhook_id, status.value, payment_id, error, next_attempt_at, processed_at)


async def _changed(tx: Tx, statement: str, *args: object) -> PaymentWebhook | None:
    row = await tx.fetch_row(statement.format(columns=data.payment_webhook.columns()), tx.company_id, *args)
    return data.payment_webhook.from_record(row) if row else None


async def payments_named(
    db: Reader, provider: str, named: Sequence[tuple[UUID | None, Collection[str]]]
) -> dict[int, UUID]:
    """The payments that events name, by the positions of these: by our id, else by the first id of the provider."""
    references = [(reference, position) for position, (reference, _) in enumerate(named) if reference is not None]
    ids = [(each, position) for position, (_, provider_ids) in enumerate(named) for each in provider_ids]
    columns = ([pair[0] for pair in references], [pair[1] for pair in references], *_columns(ids))
    found: dict[int, UUID] = {}
    for row in await db.fetch(PAYMENTS, db.company_id, provider, *columns):
        found.setdefault(row["position"], row["payment_id"])
    return found


def _columns(pairs: Sequence[tuple[str, int]]) -> tuple[list[str], list[int]]:
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


async def providers_to_list(db: Reader, without_account: Collection[str]) -> list[str]:
    """The providers with an account of the company, and of those without accounts the ones with an open payment."""
    return sorted(row[0] for row in await db.fetch(PROVIDERS, db.company_id, list(without_account)))


async def move_cursor(tx: Tx, provider: str, listed_to: datetime) -> None:
    """Record up to when the events of a provider have been listed, unless they were listed further."""
    await tx.execute(MOVE_CURSOR, tx.company_id, provider, listed_to)


async def delete_before(tx: Tx, moment: datetime, limit: int) -> int:
    """Delete at most `limit` of the oldest webhooks from before a time that are not PENDING; how many."""
    return await tx.execute(DELETE_BEFORE, tx.company_id, moment, limit)
