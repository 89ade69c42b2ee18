"""SQL of carts that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any, Final
from uuid import UUID

from domains.cart import data
from domains.cart.models import (
    MOST_CODES,
    Added,
    Addition,
    Cart,
    CartContents,
    CartItem,
    CartLine,
    CartRef,
    cart_from_record,
    cart_of,
)
from domains.catalog.products import offers
from domains.catalog.products.offers import Offer, OfferKey
from domains.inventory.models import StockLevel
from domains.inventory.stock_levels import available_stock_of
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Sql

_CART: Final = data.cart.columns("c")
_MINE: Final = "c.company_id = $1 and (c.user_id = $2 or c.session_id = $3)"
_FIND: Final = f"select {_CART} from carts c where {_MINE} and c.expires_at > $4"
_HOLD: Final = f"""
update carts c set updated_at = $4, expires_at = $5 where {_MINE} and c.expires_at > $4 returning {_CART}
"""
_MAKE: Final = f"""
insert into carts as c (id, company_id, user_id, session_id, currency, created_at, updated_at, expires_at)
values ($5, $1, $2, $3, $6, $4, $4, $7)
on conflict (company_id, user_id) do update set updated_at = $4, expires_at = $7 where c.expires_at > $4
returning {_CART}
"""


def _contents(
    carts: str, columns: str = "", joins: str = "", *, items: str = "cart_items", codes: str = "cart_promotions"
) -> str:
    return f"""
        select c.id as of_cart, i.id is not null as is_line,
          array(select promotion_id from {codes} p where p.company_id = $1 and p.cart_id = c.id
                order by p.applied_at, p.promotion_id) as promotion_ids,
          {data.cart_item.columns("i")}{columns}
        from {carts} as c (id)
        left join {items} i on i.company_id = $1 and i.cart_id = c.id {joins}
        order by i.added_at, i.id
    """


_ITEM_PLACE: Final = 3  # of the line's columns among those of contents
_OFFER_PLACE: Final = _ITEM_PLACE + len(fields(CartItem))
_CART_WIDTH: Final = len(fields(Cart))
_CART_PLACE: Final = 4  # of the cart's columns among those of offers and cart
_MANY: Final = "unnest($2::uuid[])"
# For one cart PostgreSQL estimates the rows well and so keeps its plan; planning takes longer than reading.
_ONE: Final = "(select $2::uuid)"
_NOW: Final = (f", {offers.COLUMNS}", offers.joins("i"))
_CONTENTS: Final = _contents(_MANY)
_CONTENTS_NOW: Final = _contents(_MANY, *_NOW)
_CONTENTS_OF_ONE: Final = _contents(_ONE, *_NOW)
_OWN_CONTENTS: Final = f"""
with cart as ({_FIND}) {_contents("cart", f", {_CART}, {offers.COLUMNS}", offers.joins("i"))}
"""
# After waiting for the lock a line that was changed meanwhile is taken as it is now; a line that was added meanwhile
# stays for the next order.
_TAKE_OUT: Final = f"""
with cart as ({_HOLD}),
  items as (delete from cart_items i using cart where i.company_id = $1 and i.cart_id = cart.id returning i.*),
  codes as (delete from cart_promotions p using cart where p.company_id = $1 and p.cart_id = cart.id returning p.*)
{_contents("cart", f", {_CART}, {offers.COLUMNS}", offers.joins("i"), items="items", codes="codes")}
"""
# `case` and not `coalesce`, which row security takes for leaky: it would read all of the company's stock.
_SKU: Final = "case when v.id is null then p.sku else v.sku end"
_OFFERED: Final = f"{available_stock_of(_SKU)} as available, {offers.COLUMNS}"
_OFFER: Final = f"""
select {_OFFERED} from (select $2::uuid as product_id, $3::uuid as variant_id) wanted {offers.joins("wanted")}
where p.id is not null
"""
_UNITS: Final = """
select cart_id, sum(quantity) as units from cart_items where company_id = $1 and cart_id = any($2) group by cart_id
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
  (select count(*) from cart_items before where before.company_id = $1 and before.cart_id = $2) as lines_before,
  xmax = 0 as is_new,
  (select coalesce(sum(quantity), 0) from cart_items before where before.company_id = $1 and before.cart_id = $2)
  as units_before
"""
_CARRY: Final = """
with cart as (
  update carts set updated_at = $4, expires_at = $5 where company_id = $1 and id = $2 and expires_at > $4 returning id
)
insert into cart_promotions (company_id, cart_id, promotion_id, applied_at) select $1, id, $3, $4 from cart
where (select count(*) from cart_promotions where company_id = $1 and cart_id = $2) < $6
on conflict do nothing
"""
# Showing a total does not wait for the disk: a crash of the database loses the quotes of half a second.
_QUOTE: Final = """
update carts set quoted_total = $3, quoted_currency = $4
from (select set_config('synchronous_commit', 'off', true)) hurry
where company_id = $1 and id = $2 and (quoted_total, quoted_currency) is distinct from ($3, $4)
"""
_UNQUOTE: Final = "update carts set quoted_total = null, quoted_currency = null where company_id = {} and id = {}"
_EMPTY: Final = """
with codes as (delete from cart_promotions where company_id = $1 and cart_id = $2),
  quote as (update carts set quoted_total = null, quoted_currency = null where company_id = $1 and id = $2)
delete from cart_items where company_id = $1 and cart_id = $2
"""
_EXPIRED: Final = """
delete from carts where company_id = $1 and id = any(array(
  select id from carts where company_id = $1 and expires_at <= $2 order by expires_at limit $3
  for update skip locked))
"""


async def find(db: Reader, ref: CartRef, now: datetime) -> Cart | None:
    """The cart of a reference, unless it has expired."""
    return _cart(await db.fetch_row(_FIND, db.company_id, ref.user_id, ref.token_hash, now))


async def hold(tx: Tx, ref: CartRef, now: datetime) -> Cart | None:
    """The cart of a reference, locked until the transaction ends, with a new expiry."""
    return _cart(await tx.fetch_row(_HOLD, tx.company_id, ref.user_id, ref.token_hash, now, ref.expiry(now)))


async def make(tx: Tx, ref: CartRef, currency: str, now: datetime) -> Cart | None:
    """A new cart of a user or token, or the existing one of a user, locked. None if that has expired."""
    owner = (ref.user_id, ref.token_hash)
    return _cart(await tx.fetch_row(_MAKE, tx.company_id, *owner, now, new_id(), currency, ref.expiry(now)))


async def start(tx: Tx, token_hash: str, currency: str, additions: Sequence[Addition], now: datetime) -> Cart:
    """A cart for a guest's new token with its first lines, locked. One statement."""
    cart_id = new_id()
    lines: list[data.CartItemCreate] = [
        {
            "cart_id": cart_id,
            "product_id": addition.key[0],
            "variant_id": addition.key[1],
            "quantity": addition.quantity,
            "price_snapshot": addition.price,
            "currency": currency,
            "added_at": now,
            "updated_at": now,
        }
        for addition in additions
    ]
    expires_at = CartRef(token_hash=token_hash).expiry(now)
    row = await data.cart.create(
        tx,
        {
            "id": cart_id,
            "session_id": token_hash,
            "currency": currency,
            "created_at": now,
            "updated_at": now,
            "expires_at": expires_at,
        },
        alongside=[data.cart_item.insertion(tx, lines)],
    )
    return cart_of(row)


async def hold_all(tx: Tx, ids: Collection[UUID]) -> list[Cart]:
    """Carts, locked in the order of ids."""
    sql = f"select {_CART} from carts c where c.company_id = $1 and c.id = any($2) order by c.id for update"
    return [cart_from_record(row) for row in await tx.fetch(sql, tx.company_id, list(ids))]


async def contents(db: Reader, cart_ids: Sequence[UUID]) -> dict[UUID, tuple[list[CartItem], list[UUID]]]:
    """The lines of carts in their order, and the promotions whose codes each carries. One statement."""
    found: dict[UUID, tuple[list[CartItem], list[UUID]]] = {}
    for row in await db.fetch(_CONTENTS, db.company_id, list(cart_ids)):
        items, _ = found.setdefault(row["of_cart"], ([], list(row["promotion_ids"])))
        if row["is_line"]:
            items.append(data.cart_item.from_record(row, _ITEM_PLACE))
    return found


async def contents_now(db: Reader, carts: Collection[Cart]) -> list[CartContents]:
    """The contents of carts with each line as it can be bought now, in the order of the carts. One statement."""
    found = {cart.id: CartContents(cart, [], []) for cart in carts}
    ids = list(found)
    query = (_CONTENTS_OF_ONE, ids[0]) if len(ids) == 1 else (_CONTENTS_NOW, ids)
    for row in await db.fetch(query[0], db.company_id, query[1]):
        _fill(db, found[row["of_cart"]], row, _OFFER_PLACE)
    return [found[cart.id] for cart in carts]


async def own_contents(db: Reader, ref: CartRef, now: datetime) -> CartContents | None:
    """The contents of the cart of a reference, as they can be bought now. One statement."""
    return _filled(db, await db.fetch(_OWN_CONTENTS, db.company_id, ref.user_id, ref.token_hash, now))


async def take_out(tx: Tx, ref: CartRef, now: datetime) -> CartContents | None:
    """Lock a cart and remove all lines and codes; returns them as they can be bought now. One statement."""
    return _filled(tx, await tx.fetch(_TAKE_OUT, tx.company_id, ref.user_id, ref.token_hash, now, ref.expiry(now)))


def _filled(db: Reader, rows: Sequence[Any]) -> CartContents | None:
    if not rows:
        return None
    contents = CartContents(cart_from_record(rows[0], _OFFER_PLACE), [], [])
    for row in rows:
        _fill(db, contents, row, _OFFER_PLACE + _CART_WIDTH)
    return contents


def _fill(db: Reader, contents: CartContents, row: Any, offer_place: int) -> None:
    """Add the line of a row to a cart's contents."""
    contents.promotion_ids[:] = row["promotion_ids"]
    if row["is_line"]:
        offer = offers.from_record(row, db.company_id, offer_place)
        contents.lines.append(CartLine(contents.cart, data.cart_item.from_record(row, _ITEM_PLACE), offer))


async def units(db: Reader, cart_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of units of carts, all lines together; empty carts are left out. One statement."""
    return {row["cart_id"]: row["units"] for row in await db.fetch(_UNITS, db.company_id, list(cart_ids))}


async def offer(db: Reader, key: OfferKey) -> tuple[Offer, StockLevel] | None:
    """A product or its variant as it can be bought now, with its stock. One statement."""
    row = await db.fetch_row(_OFFER, db.company_id, *key)
    return _offered(row, db) if row else None


async def offers_and_cart(
    tx: Tx, ref: CartRef, keys: Sequence[OfferKey], now: datetime
) -> tuple[dict[OfferKey, tuple[Offer, StockLevel]], Cart | None]:
    """The offers of keys, and the cart of a reference, if any, locked until the transaction ends, with a new expiry.

    What is asked for is found by its key, a product by its own also when its variant is not there. One statement.
    """
    whose = (ref.user_id, ref.token_hash, now, ref.expiry(now))
    rows = await tx.fetch(_offers_and_cart(len(keys)), tx.company_id, *whose, *chain.from_iterable(keys))
    found = {(row[0], row[1]): _offered(row, tx, _CART_PLACE + _CART_WIDTH) for row in rows if row[2]}
    cart = cart_from_record(rows[0], _CART_PLACE) if rows[0]["has_cart"] else None
    return found, cart


@cache
def _offers_and_cart(number: int) -> str:
    """The statement for a number of keys: for a list of unknown length PostgreSQL would plan it each time."""
    keys = ", ".join(f"(${place}::uuid, ${place + 1}::uuid)" for place in range(6, 6 + 2 * number, 2))
    return f"""
        with held as ({_HOLD})
        select wanted.product_id, wanted.variant_id, p.id is not null as is_known, c.id is not null as has_cart,
          {_CART}, {_OFFERED}
        from (values {keys}) as wanted (product_id, variant_id) {offers.joins("wanted")} left join held c on true
    """


def _offered(row: Any, db: Reader, start: int = 0) -> tuple[Offer, StockLevel]:
    found = offers.from_record(row, db.company_id, start + 1)
    return found, StockLevel(row["available"] if found.sku else 0, is_tracked=found.is_tracked)


async def add(tx: Tx, cart: Cart, additions: Sequence[Addition], now: datetime) -> Added:
    """Add units to new or existing lines of a locked cart; at least one addition. One statement."""
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
    return Added(
        items=[data.cart_item.from_record(row) for row in rows],
        lines=rows[0]["lines_before"] + sum(row["is_new"] for row in rows),
        units=rows[0]["units_before"] + sum(addition.quantity for addition in additions),
    )


async def set_quantity(tx: Tx, cart_id: UUID, item_id: UUID, quantity: int, now: datetime) -> CartItem | None:
    """Set the quantity of a line; None if the cart has no such line."""
    sql = f"""
        update cart_items set quantity = $4, updated_at = $5 where company_id = $1 and cart_id = $2 and id = $3
        returning {data.cart_item.columns()}
    """
    row = await tx.fetch_row(sql, tx.company_id, cart_id, item_id, quantity, now)
    return data.cart_item.from_record(row) if row else None


async def accept_prices(tx: Tx, prices: Sequence[tuple[UUID, Decimal]]) -> None:
    """Store unit prices as the price snapshots of lines, by their ids."""
    await tx.execute(
        """
        update cart_items i set price_snapshot = n.price from unnest($2::uuid[], $3::numeric[]) as n (id, price)
        where i.company_id = $1 and i.id = n.id
        """,
        tx.company_id,
        [item_id for item_id, _ in prices],
        [price for _, price in prices],
    )


async def carry(tx: Tx, cart_id: UUID, promotion_id: UUID, now: datetime, expires_at: datetime) -> bool:
    """Add a code to a cart, with a new expiry; False if it is gone, has the code, or has too many.

    Beside others at the same moment it may come to carry some more.
    """
    return await tx.execute(_CARRY, tx.company_id, cart_id, promotion_id, now, expires_at, MOST_CODES) == 1


async def empty(tx: Tx, cart_id: UUID) -> None:
    """Remove all lines and codes of a cart. One statement."""
    await tx.execute(_EMPTY, tx.company_id, cart_id)


async def quote(tx: Tx, cart_id: UUID, total: Decimal | None, currency: str | None) -> None:
    """Store the total that the buyer of a cart was shown, None for an empty cart; `updated_at` stays."""
    await tx.execute(_QUOTE, tx.company_id, cart_id, total, currency)


def unquote(tx: Tx, cart_id: UUID) -> None:
    """Remove at the transaction's end the total that the buyer of a cart was shown."""
    tx.defer(Sql(_UNQUOTE, (tx.company_id, cart_id)))


async def delete_expired(tx: Tx, now: datetime, most: int) -> int:
    """Delete expired carts except locked ones; returns how many."""
    return await tx.execute(_EXPIRED, tx.company_id, now, most)


def _cart(row: Any) -> Cart | None:
    return cart_from_record(row) if row else None
