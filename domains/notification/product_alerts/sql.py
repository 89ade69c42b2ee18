"""SQL over product alerts that the generated verbs do not express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.notification import data
from domains.notification.product_alerts.models import AlertDemand, ProductStockAlert

_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text || $2, 9))"
# One that waits for the same is renewed.
_STORE: Final = f"""
insert into product_stock_alerts as alert (id, company_id, product_id, variant_id, kind, user_id, email, language,
                                           price, target_price, currency, checked_at, expires_at, created_at)
select $2::uuid, $1::uuid, $3::uuid, $4::uuid, $5::product_alert_kind, $6::uuid, $7::text, $8::text, $9::numeric,
       $10::numeric, $11::text, $12::timestamptz, $13::timestamptz, $12::timestamptz
where (select count(*) from product_stock_alerts as other
       where other.company_id = $1 and not other.notified and other.expires_at > $12
         and (other.user_id = $6 or other.mailbox = mailbox_of($7))
         and not (other.product_id = $3 and other.kind = $5 and other.variant_id is not distinct from $4)) < $14
on conflict (company_id, product_id, kind, variant_id, user_id, mailbox) where not notified do update
set language = excluded.language, price = excluded.price, target_price = excluded.target_price,
    currency = excluded.currency, checked_at = excluded.checked_at, expires_at = excluded.expires_at
returning {data.product_stock_alert.columns("alert")}
"""
_WAITING: Final = """
select distinct product_id, variant_id from product_stock_alerts
where company_id = $1 and product_id = any($2::uuid[]) and not notified and expires_at > $3
"""
# Rows that another transaction is telling are skipped; what it leaves is told by the job.
_TAKE: Final = f"""
with offered as (
    select * from unnest($3::uuid[], $4::uuid[], $5::boolean[], $6::numeric[], $7::text[])
        as offered (product_id, variant_id, is_in_stock, price, currency)
), due as materialized (
    select alert.id
    from product_stock_alerts as alert
    join offered on offered.product_id = alert.product_id and offered.variant_id is not distinct from alert.variant_id
    where alert.company_id = $1 and not alert.notified and alert.expires_at > $2
      and case alert.kind
            when 'BACK_IN_STOCK' then offered.is_in_stock
            else offered.currency = alert.currency and offered.price < alert.price
              and offered.price <= coalesce(alert.target_price, alert.price)
          end
    order by alert.id limit $8 for update of alert skip locked
)
update product_stock_alerts as alert set notified = true, notified_at = $2
from due where alert.company_id = $1 and alert.id = due.id
returning {data.product_stock_alert.columns("alert")}
"""
_CHECK: Final = """
update product_stock_alerts set checked_at = $2
where company_id = $1 and id in (
    select id from product_stock_alerts
    where company_id = $1 and not notified and checked_at <= $3
    order by checked_at limit $4 for update skip locked)
returning product_id
"""
_DELETE_EXPIRED: Final = """
with alerts as (
    delete from product_stock_alerts where company_id = $1 and id in (
        select id from product_stock_alerts where company_id = $1 and expires_at <= $2
        order by expires_at limit $3 for update skip locked)
    returning id
), codes as (
    delete from product_alert_codes where company_id = $1 and id in (
        select id from product_alert_codes where company_id = $1 and expires_at <= $2
        order by expires_at limit $3 for update skip locked)
    returning id
)
select (select count(*) from alerts) + (select count(*) from codes)
"""
# The attempt is counted before the code is compared, so that concurrent attempts wait for the lock.
_COUNT_ATTEMPT: Final = f"""
update product_alert_codes as code set attempts = attempts + 1
where company_id = $1 and id = $2 and expires_at > $3 and attempts < $4
returning {data.product_alert_code.columns("code")}
"""
_END: Final = """
delete from product_stock_alerts
where company_id = $1 and not notified and (mailbox = $2 or user_id = any($3))
"""
_DEMAND: Final = """
select product_id, variant_id, count(*) filter (where kind = 'BACK_IN_STOCK') as back_in_stock,
       count(*) filter (where kind = 'PRICE_DROP') as price_drop
from product_stock_alerts where company_id = $1 and not notified and expires_at > $2
group by product_id, variant_id order by count(*) desc, product_id, variant_id limit $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An alert to store: of a user, or of a guest with an address. `name` is the product's, for the mail."""

    product_id: UUID
    variant_id: UUID | None
    kind: data.ProductAlertKind
    language: str | None
    price: Decimal
    target_price: Decimal | None
    currency: str
    name: str = ""
    user_id: UUID | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """The present state of a product or variant that is sold."""

    product_id: UUID
    variant_id: UUID | None
    is_in_stock: bool
    price: Decimal
    currency: str


async def store(tx: Tx, wish: Wish, owner: str, *, expires_at: datetime, most: int) -> ProductStockAlert | None:
    """Create an alert or renew the one that waits for the same; None with `most` others of the owner.

    `owner` names the user or the mailbox: their alerts are stored one after the other. Two statements.
    """
    await tx.execute(_LOCK, tx.company_id, owner)
    of_item: tuple[Any, ...] = (wish.product_id, wish.variant_id, wish.kind, wish.user_id, wish.email, wish.language)
    of_price = (wish.price, wish.target_price, wish.currency)
    row = await tx.fetch_row(_STORE, tx.company_id, new_id(), *of_item, *of_price, tx.clock.now(), expires_at, most)
    return None if row is None else data.product_stock_alert.from_record(row)


async def waiting_keys(db: Reader, product_ids: Collection[UUID], now: datetime) -> list[tuple[UUID, UUID | None]]:
    """The products and variants among these products that someone waits for. One statement."""
    rows = await db.fetch(_WAITING, db.company_id, list(product_ids), now)
    return [(row["product_id"], row["variant_id"]) for row in rows]


async def take(tx: Tx, present: Sequence[Present], limit: int) -> list[ProductStockAlert]:
    """Mark alerts whose wish has come true as notified, at most `limit`. One statement."""
    columns = [
        [each.product_id for each in present],
        [each.variant_id for each in present],
        [each.is_in_stock for each in present],
        [each.price for each in present],
        [each.currency for each in present],
    ]
    rows = await tx.fetch(_TAKE, tx.company_id, tx.clock.now(), *columns, limit)
    return [data.product_stock_alert.from_record(row) for row in rows]


async def check(tx: Tx, before: datetime, limit: int) -> list[UUID]:
    """The products of waiting alerts that were last checked before a time, one for each alert. One statement."""
    rows = await tx.fetch(_CHECK, tx.company_id, tx.clock.now(), before, limit)
    return [row["product_id"] for row in rows]


async def delete_expired(tx: Tx, limit: int) -> int:
    """Delete at most so many expired alerts and codes each; their number. One statement."""
    number: int = await tx.fetch_value(_DELETE_EXPIRED, tx.company_id, tx.clock.now(), limit)
    return number


async def count_attempt(tx: Tx, code_id: UUID, attempts: int) -> data.ProductAlertCodeRow | None:
    """Count an attempt to enter a code, and return it; None after the last one or its end. One statement."""
    row = await tx.fetch_row(_COUNT_ATTEMPT, tx.company_id, code_id, tx.clock.now(), attempts)
    return None if row is None else data.product_alert_code.from_record(row)


async def end_waiting(tx: Tx, mailbox: str, user_ids: Collection[UUID]) -> None:
    """Delete the alerts of a mailbox and of users that were not told yet. One statement."""
    await tx.execute(_END, tx.company_id, mailbox, list(user_ids))


async def demand(db: Reader, now: datetime, limit: int) -> list[AlertDemand]:
    """The products and variants that most wait for. One statement."""
    return [AlertDemand(**row) for row in await db.fetch(_DEMAND, db.company_id, now, limit)]
