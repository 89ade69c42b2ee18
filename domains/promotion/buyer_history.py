"""Buyer history: the orders that count for somebody, each once it is paid, until it is cancelled or given back whole.

Both facts stay once they are told, so the order in which they come, and how often, changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.prisma.parts import Sql
from domains.promotion.basket import Claimant

PAID: Final = """
    insert into buyer_orders as b (company_id, order_id, user_id, email, email_confirmed, paid_at)
    values ({}, {}, {}, {}, {}, {})
    on conflict (company_id, order_id) do update set paid_at = coalesce(b.paid_at, excluded.paid_at)
"""
WITHDRAWN: Final = """
    insert into buyer_orders as b (company_id, order_id, user_id, email, email_confirmed, withdrawn_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (company_id, order_id) do update set withdrawn_at = coalesce(b.withdrawn_at, excluded.withdrawn_at)
"""
HOLD: Final = """
    select user_id, paid_at is not null and withdrawn_at is null as counts from buyer_orders
    where company_id = $1 and order_id = $2 for share
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose order it is, and whether it counts."""

    user_id: UUID | None
    counts: bool


def paid(tx: Tx, order_id: UUID, who: Claimant, now: datetime) -> None:
    """Note that an order was paid, at the transaction's end."""
    tx.defer(Sql(PAID, (tx.company_id, order_id, who.user_id, who.email, who.email_confirmed, now)))


async def withdrawn(tx: Tx, order_id: UUID, who: Claimant, now: datetime) -> None:
    """Note that an order was cancelled or given back whole."""
    await tx.execute(WITHDRAWN, tx.company_id, order_id, who.user_id, who.email, who.email_confirmed, now)


async def standing(tx: Tx, order_id: UUID) -> Standing | None:
    """How an order stands, which nobody changes until the transaction ends; None when it was never paid."""
    row = await tx.fetch_row(HOLD, tx.company_id, order_id)
    return None if row is None else Standing(row["user_id"], row["counts"])
