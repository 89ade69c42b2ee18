"""SQL of carts that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.cart import data
from domains.cart.models import Addition, Cart, CartItem, CartRef, cart_from_record
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id

_CART: Final = data.cart.columns("c")
_MINE: Final = "c.company_id = $1 and (c.user_id = $2 or c.session_id = $3)"
_MAKE: Final = f"""
insert into carts as c (id, company_id, user_id, session_id, currency, created_at, updated_at, expires_at)
values ($5, $1, $2, $3, $6, $4, $4, $7)
on conflict (company_id, user_id) do update set updated_at = $4, expires_at = $7 where c.expires_at > $4
returning {_CART}
"""
_CONTENTS: Final = f"""
select c.id as of_cart, i.id is not null as is_line, {data.cart_item.columns("i")},
  array(select promotion_id from cart_promotions p where p.company_id = $1 and p.cart_id = c.id
        order by p.applied_at, p.promotion_id) as promotion_ids
from unnest($2::uuid[]) as c (id)
left join cart_items i on i.company_id = $1 and i.cart_id = c.id
order by i.added_at, i.id
"""
_ADD: Final = f"""
insert into cart_items as i (id, company_id, cart_id, product_id, variant_id, quantity, price_snapshot, currency,
                             added_at, updated_at)
select id, $1, $2, product_id, variant_id, quantity, price, $3, $4, $4
from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::int[], $9::numeric[])
  as wanted (id, product_id, variant_id, quantity, price)
on conflict (company_id, cart_id, product_id, variant_id)
do update set quantity = i.quantity + excluded.quantity, price_snapshot = excluded.price_snapshot, updated_at = $4
returning {data.cart_item.columns("i")},
  (select count(*) from cart_items before where before.company_id = $1 and before.cart_id = $2)
  + (xmax = 0)::int as lines
"""
_EMPTY: Final = """
with codes as (delete from cart_promotions where company_id = $1 and cart_id = $2)
delete from cart_items where company_id = $1 and cart_id = $2
"""
_EXPIRED: Final = """
delete from carts where company_id = $1 and id = any(array(
  select id from carts where company_id = $1 and expires_at <= $2 order by expires_at limit $3
  for update skip locked))
"""


async def find(db: Reader, ref: CartRef, now: datetime) -> Cart | None:
    """Somebody's cart, unless it has expired."""
    sql = f"select {_CART} from carts c where {_MINE} and c.expires_at > $4"
    return _cart(await db.fetch_row(sql, db.company_id, ref.user_id, ref.token_hash, now))


async def hold(tx: Tx, ref: CartRef, now: datetime) -> Cart | None:
    """The same, held until the transaction ends and kept for longer: whoever else writes to it waits."""
    sql = f"update carts c set updated_at = $4, expires_at = $5 where {_MINE} and c.expires_at > $4 returning {_CART}"
    return _cart(await tx.fetch_row(sql, tx.company_id, ref.user_id, ref.token_hash, now, ref.expiry(now)))


async def make(tx: Tx, ref: CartRef, currency: str, now: datetime) -> Cart | None:
    """A cart of its own for a user or a new token, held; the one that a user has. None when that has expired."""
    owner = (ref.user_id, ref.token_hash)
    return _cart(await tx.fetch_row(_MAKE, tx.company_id, *owner, now, new_id(), currency, ref.expiry(now)))


async def hold_all(tx: Tx, ids: Collection[UUID]) -> list[Cart]:
    """Carts, held in the order of ids."""
    sql = f"select {_CART} from carts c where c.company_id = $1 and c.id = any($2) order by c.id for update"
    return [cart_from_record(row) for row in await tx.fetch(sql, tx.company_id, list(ids))]


async def contents(db: Reader, cart_ids: Sequence[UUID]) -> dict[UUID, tuple[list[CartItem], list[UUID]]]:
    """The lines of carts in their order, and the promotions whose codes each carries. One statement."""
    found: dict[UUID, tuple[list[CartItem], list[UUID]]] = {}
    for row in await db.fetch(_CONTENTS, db.company_id, list(cart_ids)):
        items, _ = found.setdefault(row["of_cart"], ([], list(row["promotion_ids"])))
        if row["is_line"]:
            items.append(data.cart_item.from_record(row, 2))
    return found


async def add(tx: Tx, cart: Cart, additions: Sequence[Addition], now: datetime) -> list[tuple[CartItem, int]]:
    """Add units to lines of a held cart, each a new one or one there is; with how many lines the cart then has.

    The number is right for one addition; of several at once each counts itself alone.
    """
    rows = await tx.fetch(
        _ADD,
        tx.company_id,
        cart.id,
        cart.currency,
        now,
        [new_id() for _ in additions],
        [addition.key[0] for addition in additions],
        [addition.key[1] for addition in additions],
        [addition.quantity for addition in additions],
        [addition.price for addition in additions],
    )
    return [(data.cart_item.from_record(row), row["lines"]) for row in rows]


async def set_quantity(tx: Tx, cart_id: UUID, item_id: UUID, quantity: int, now: datetime) -> CartItem | None:
    """Let a line of a cart hold so many units; None when the cart has no such line."""
    sql = f"""
        update cart_items set quantity = $4, updated_at = $5 where company_id = $1 and cart_id = $2 and id = $3
        returning {data.cart_item.columns()}
    """
    row = await tx.fetch_row(sql, tx.company_id, cart_id, item_id, quantity, now)
    return data.cart_item.from_record(row) if row else None


async def accept_prices(tx: Tx, prices: Sequence[tuple[UUID, Decimal]]) -> None:
    """Write what units cost now into lines, by their ids."""
    await tx.execute(
        """
        update cart_items i set price_snapshot = n.price from unnest($2::uuid[], $3::numeric[]) as n (id, price)
        where i.company_id = $1 and i.id = n.id
        """,
        tx.company_id,
        [item_id for item_id, _ in prices],
        [price for _, price in prices],
    )


async def empty(tx: Tx, cart_id: UUID) -> None:
    """Take all lines and codes out of a cart. One statement."""
    await tx.execute(_EMPTY, tx.company_id, cart_id)


async def delete_expired(tx: Tx, now: datetime, most: int) -> int:
    """Delete carts that have expired, but none that somebody holds; how many."""
    return await tx.execute(_EXPIRED, tx.company_id, now, most)


def _cart(row: Any) -> Cart | None:
    return cart_from_record(row) if row else None
