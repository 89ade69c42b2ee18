"""SQL of the gift cards of carts. The company is always the first parameter."""

from datetime import datetime
from typing import Final
from uuid import UUID

from domains.cart.models import Cart, CartRef, cart_from_record
from domains.cart.sql import CART_WIDTH, LOCK
from domains.kernel.database import Tx
from domains.kernel.prisma.statements import Sql

MAX_GIFT_CARDS: Final = 10
_LOCK: Final = f"""
with locked as ({LOCK})
select locked.*, array(select gift_card_id from cart_gift_cards g where g.company_id = $1 and g.cart_id = locked.id)
from locked
"""
# The limit holds here too: what the lock's statement has read may be older than its wait.
_ADD: Final = f"""
insert into cart_gift_cards (company_id, cart_id, gift_card_id, position)
select {{0}}, {{1}}, {{2}}, coalesce(max(position), 0) + 1 from cart_gift_cards
where company_id = {{0}} and cart_id = {{1}} having count(*) < {MAX_GIFT_CARDS}
on conflict do nothing
"""
_MOVE: Final = f"""
insert into cart_gift_cards (company_id, cart_id, gift_card_id, position)
select $1, $3, moved.gift_card_id, own.last + moved.number
from (
  select gift_card_id, row_number() over (order by position, gift_card_id) as number from cart_gift_cards g
  where company_id = $1 and cart_id = $2 and not exists (
    select from cart_gift_cards o where o.company_id = $1 and o.cart_id = $3 and o.gift_card_id = g.gift_card_id)
) moved
cross join (
  select coalesce(max(position), 0) as last, count(*) as cards from cart_gift_cards
  where company_id = $1 and cart_id = $3
) own
where own.cards + moved.number <= {MAX_GIFT_CARDS}
"""
_REMOVE: Final = "delete from cart_gift_cards where company_id = $1 and cart_id = $2 and gift_card_id = $3"
_USE: Final = "update carts set use_store_credit = {}, quoted_due = null where company_id = {} and id = {}"


async def lock(tx: Tx, ref: CartRef, now: datetime) -> tuple[Cart, list[UUID]] | None:
    """The cart of a reference, locked until the transaction ends, with a new expiry, and its gift cards."""
    row = await tx.fetch_row(_LOCK, tx.company_id, ref.user_id, ref.token_hash, now, ref.expiry(now))
    return None if row is None else (cart_from_record(row), row[CART_WIDTH])


def add(tx: Tx, cart_id: UUID, gift_card_id: UUID) -> Sql:
    """The insertion of a gift card after the others of a locked cart, unless it has ten."""
    return Sql(_ADD, (tx.company_id, cart_id, gift_card_id))


async def remove(tx: Tx, cart_id: UUID, gift_card_id: UUID) -> bool:
    """Remove a gift card from a locked cart; whether it had it. One statement."""
    return await tx.execute(_REMOVE, tx.company_id, cart_id, gift_card_id) > 0


async def move(tx: Tx, source_id: UUID, target_id: UUID) -> int:
    """Add the gift cards of a cart to another one, after its own, ten in all; their number. One statement."""
    return await tx.execute(_MOVE, tx.company_id, source_id, target_id)


def use_store_credit(tx: Tx, cart_id: UUID, *, use: bool) -> Sql:
    """The update of a locked cart that is to use store credit or not; what it has shown as due is removed."""
    return Sql(_USE, (use, tx.company_id, cart_id))
