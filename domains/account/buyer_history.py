"""Buyer history: which orders a buyer has paid, and which of them were cancelled or refunded in full.

Both facts are set once and kept, so they may be recorded late, repeatedly and in any order. Only a complete refund
that fails afterwards removes the second one, under the lock of its order.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.statements import Sql

RECORD_PAID: Final = """
    insert into buyer_orders as b (company_id, order_id, user_id, email, email_confirmed, paid_at)
    values ({}, {}, {}, {}, {}, {})
    on conflict (company_id, order_id) do update set paid_at = coalesce(b.paid_at, excluded.paid_at)
"""
RECORD_WITHDRAWN: Final = """
    insert into buyer_orders as b (company_id, order_id, user_id, email, email_confirmed, withdrawn_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (company_id, order_id) do update set withdrawn_at = coalesce(b.withdrawn_at, excluded.withdrawn_at)
"""
# A row without a payment says nothing any more.
RECORD_RESTORED: Final = """
    with unpaid as (delete from buyer_orders where company_id = $1 and order_id = $2 and paid_at is null)
    update buyer_orders set withdrawn_at = null where company_id = $1 and order_id = $2 and paid_at is not null
"""
HAVE_PAID: Final = """
    select key.user_id, key.email from unnest($2::uuid[], $3::text[]) as key (user_id, email)
    where exists (select from buyer_orders as b
                  where b.company_id = $1 and b.paid_at is not null and b.withdrawn_at is null
                    and (b.user_id = key.user_id or b.mailbox = mailbox_of(key.email)))
"""
LOCK_ORDER: Final = """
    select user_id, paid_at is not null and withdrawn_at is null as counts from buyer_orders
    where company_id = $1 and order_id = $2 for share
"""


class OrderBuyer(Protocol):
    """The buyer of an order: a user, or a guest by e-mail address, and whether the address was confirmed."""

    @property
    def user_id(self) -> UUID | None:
        """The user; None for a guest."""
        ...

    @property
    def email(self) -> str | None:
        """The order's normalized e-mail address."""
        ...

    @property
    def email_confirmed(self) -> bool:
        """Whether the buyer had confirmed the address when the order was made."""
        ...


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """An order of the buyer history: its user (None for a guest), and whether it counts as a paid order."""

    user_id: UUID | None
    counts: bool


class BuyerHistory:
    """Records the paid and withdrawn orders of buyers. Promotions for first and loyal customers count them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def record_paid(self, tx: Tx, order_id: UUID, buyer: OrderBuyer) -> None:
        """Record that an order was paid. Runs at the end of the transaction."""
        values = (tx.company_id, order_id, buyer.user_id, buyer.email, buyer.email_confirmed, self._clock.now())
        tx.defer(Sql(RECORD_PAID, values))

    async def record_withdrawn(self, tx: Tx, order_id: UUID, buyer: OrderBuyer) -> None:
        """Record that an order was cancelled or refunded in full, even before its payment is recorded."""
        values = (tx.company_id, order_id, buyer.user_id, buyer.email, buyer.email_confirmed, self._clock.now())
        await tx.execute(RECORD_WITHDRAWN, *values)

    async def record_restored(self, tx: Tx, order_id: UUID) -> None:
        """Record that an order counts again: the refund that withdrew it has failed. One statement."""
        await tx.execute(RECORD_RESTORED, tx.company_id, order_id)

    async def customers_among(
        self, db: Reader, buyers: Collection[tuple[UUID | None, str]]
    ) -> set[tuple[UUID | None, str]]:
        """Those of these buyers, each a user or None and an e-mail address, who have paid an order. One statement.

        Orders that were cancelled or refunded in full do not count.
        """
        columns = ([user_id for user_id, _ in buyers], [email for _, email in buyers])
        rows = await db.fetch(HAVE_PAID, db.company_id, *columns)
        return {(row["user_id"], row["email"]) for row in rows}

    async def find_locked(self, tx: Tx, order_id: UUID) -> RecordedOrder | None:
        """A recorded order, locked until the transaction ends; None when it is not recorded."""
        row = await tx.fetch_row(LOCK_ORDER, tx.company_id, order_id)
        return None if row is None else RecordedOrder(row["user_id"], row["counts"])
