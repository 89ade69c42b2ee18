"""SQL of saved payment methods that the generated verbs cannot express. The company is always the first parameter."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.payment import data

# The lock is on the left, so that it is taken for a customer without methods too.
_LOCK: Final = f"""
select {data.saved_payment_method.columns("m")}
from (select pg_advisory_xact_lock(hashtextextended($2::uuid::text, 7))) locked
left join payment_methods m on m.company_id = $1 and m.user_id = $2
"""
_FORGET: Final = """
update payment_methods set user_id = $3, forget_at = coalesce(forget_at, $4), is_default = false, brand = null,
  last_4 = null, expiry_month = null, expiry_year = null, label = null, alias = null, updated_at = $4
where company_id = $1 and user_id = any($2) and (forget_at is null or user_id <> $3
  or num_nonnulls(brand, last_4, expiry_month, label, alias) > 0)
"""
# A token that both customers have stays the other one's. A default stays one unless the other customer has one.
_DROP_KNOWN: Final = """
delete from payment_methods m using payment_methods own
where m.company_id = $1 and m.user_id = $2 and own.company_id = $1 and own.user_id = $3
  and own.provider = m.provider and own.token_digest = m.token_digest
"""
_MOVE: Final = """
update payment_methods m set user_id = $3, updated_at = $4, is_default = m.is_default and not exists (
    select from payment_methods own where own.company_id = $1 and own.user_id = $3 and own.is_default)
where m.company_id = $1 and m.user_id = $2
"""


async def lock_methods(tx: Tx, user_id: UUID) -> list[data.SavedPaymentMethodRow]:
    """Lock a customer's saved methods until the transaction ends: one default, and no more than the limit.

    One lock in all companies, so that a transaction over many companies does not fill the server's lock table.

    Returns all of them, also those that are being removed, as they were before another transaction was waited for.
    """
    rows = await tx.fetch(_LOCK, tx.company_id, user_id)
    return [data.saved_payment_method.from_record(row) for row in rows if row["id"] is not None]


async def have_methods(tx: Tx, user_ids: Sequence[UUID]) -> bool:
    """Whether any of these customers has a method, also one that is being removed."""
    where: data.SavedPaymentMethodWhere = {"user_id": {"in": list(user_ids)}}
    return bool(await data.saved_payment_method.find_many(tx, where=where, take=1))


async def forget_all(tx: Tx, user_ids: Sequence[UUID], erased_id: UUID) -> int:
    """Give all methods of customers to an erased user, to be forgotten and without personal data; their number."""
    return await tx.execute(_FORGET, tx.company_id, list(user_ids), erased_id, tx.clock.now())


async def move_all(tx: Tx, source: UUID, user_id: UUID) -> int:
    """Give all methods of one customer to another; their number."""
    await tx.execute(_DROP_KNOWN, tx.company_id, source, user_id)
    return await tx.execute(_MOVE, tx.company_id, source, user_id, tx.clock.now())


async def to_forget(db: Reader, now: datetime, limit: int) -> list[data.SavedPaymentMethodRow]:
    """Methods that are due to be deleted at their provider, the longest waiting first."""
    return await data.saved_payment_method.find_many(
        db, where={"forget_at": {"lte": now}}, order_by=[{"forget_at": "asc"}, {"id": "asc"}], take=limit
    )


async def own_methods(db: Reader, user_ids: Collection[UUID]) -> list[data.SavedPaymentMethodRow]:
    """The methods of customers that they can see: the default first, then the newest."""
    return await data.saved_payment_method.find_many(
        db,
        where={"user_id": {"in": list(user_ids)}, "forget_at": None},
        order_by=[{"is_default": "desc"}, {"id": "desc"}],
    )
