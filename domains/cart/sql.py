"""SQL of carts that the generated verbs cannot express. The company is always the first parameter."""

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
from domains.inventory.stock_levels import sellable_stock_of
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Part, PartRows, Sql, with_clause
from domains.kernel.transactions.claims import IS_CLAIMED

_CART: Final = data.cart.columns("c")
_OF_REFERENCE: Final = "c.company_id = $1 and (c.user_id = $2 or c.session_id = $3)"
_FIND: Final = f"select {_CART} from carts c where {_OF_REFERENCE} and c.expires_at > $4"
LOCK: Final = f"""
update carts c set updated_at = $4, expires_at = $5 where {_OF_REFERENCE} and c.expires_at > $4 returning {_CART}
"""
_LOCK_FIRST: Final = LOCK.replace("returning", f"and {IS_CLAIMED} returning", 1)
_CREATE: Final = f"""
insert into carts as c (id, company_id, user_id, session_id, currency, created_at, updated_at, expires_at)
values ($5, $1, $2, $3, $6, $4, $4, $7)
on conflict (company_id, user_id) do update set updated_at = $4, expires_at = $7 where c.expires_at > $4
returning {_CART}
"""


def _contents(
    carts: str,
    columns: str = "",
    joins: str = "",
    *,
    items: str = "cart_items",
    codes: str = "cart_promotions",
    coupons: str = "cart_coupons",
    cards: str = "cart_gift_cards",
) -> str:
    return f"""
        select c.id as of_cart, i.id is not null as is_line,
          array(select promotion_id from {codes} p where p.company_id = $1 and p.cart_id = c.id
                order by p.applied_at, p.promotion_id) as promotion_ids,
          array(select coupon_id from {coupons} k where k.company_id = $1 and k.cart_id = c.id
                order by k.applied_at, k.coupon_id) as coupon_ids,
          array(select coupon_code_id from {coupons} k where k.company_id = $1 and k.cart_id = c.id
                order by k.applied_at, k.coupon_id) as coupon_code_ids,
          array(select gift_card_id from {cards} g where g.company_id = $1 and g.cart_id = c.id
                order by g.position, g.gift_card_id) as gift_card_ids,
          {data.cart_item.columns("i")}{columns}
        from {carts} as c (id)
        left join {items} i on i.company_id = $1 and i.cart_id = c.id {joins}
        order by i.added_at, i.id
    """


_ITEM_OFFSET: Final = 6  # the number of columns before those of the line in contents
_OFFER_OFFSET: Final = _ITEM_OFFSET + len(fields(CartItem))
CART_WIDTH: Final = len(fields(Cart))
_CART_OFFSET: Final = 4  # the number of columns before those of the cart in offers and cart
_MANY: Final = "unnest($2::uuid[])"
# For one cart PostgreSQL estimates the rows well and keeps a generic plan; planning takes longer than reading.
_ONE: Final = "(select $2::uuid)"
_CART_AND_OFFERS: Final = f", {_CART}, {offers.COLUMNS}"
_CURRENT_OFFERS: Final = (f", {offers.COLUMNS}", offers.joins("i"))
_CONTENTS: Final = _contents(_MANY)
_CURRENT_CONTENTS: Final = _contents(_MANY, *_CURRENT_OFFERS)
_CONTENTS_OF_ONE: Final = _contents(_ONE, *_CURRENT_OFFERS)
_OWN_CONTENTS: Final = f"""
own_cart as ({_FIND}),
own_codes as (
  select p.* from cart_promotions p join own_cart on p.company_id = $1 and p.cart_id = own_cart.id
),
own_coupons as (
  select k.* from cart_coupons k join own_cart on k.company_id = $1 and k.cart_id = own_cart.id
),
own_contents as (
  {_contents("own_cart", _CART_AND_OFFERS, offers.joins("i"), codes="own_codes", coupons="own_coupons")}
)
"""
OWN_COUPONS: Final = "own_coupons"
OWN_CODES: Final = "own_codes"
_TAKEN_OUT: Final = {name: name for name in ("items", "codes", "coupons", "cards")}
# A line that was changed while this waited for the lock is returned with the change; a line that was added meanwhile
# stays in the cart.
_TAKE_OUT: Final = f"""
with cart as ({_LOCK_FIRST}),
  items as (delete from cart_items i using cart where i.company_id = $1 and i.cart_id = cart.id returning i.*),
  codes as (delete from cart_promotions p using cart where p.company_id = $1 and p.cart_id = cart.id returning p.*),
  coupons as (delete from cart_coupons k using cart where k.company_id = $1 and k.cart_id = cart.id returning k.*),
  cards as (delete from cart_gift_cards g using cart where g.company_id = $1 and g.cart_id = cart.id returning g.*)
{_contents("cart", _CART_AND_OFFERS, offers.joins("i"), **_TAKEN_OUT)}
"""
# `case` and not `coalesce`, because the latter prevents the use of the index under row security.
_SKU: Final = "case when v.id is null then p.sku else v.sku end"
_OFFER_COLUMNS: Final = f"{sellable_stock_of(_SKU)} as available, {offers.COLUMNS}"
_OFFER: Final = f"""
select {_OFFER_COLUMNS} from (select $2::uuid as product_id, $3::uuid as variant_id) key {offers.joins("key")}
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
  as new (id, product_id, variant_id, quantity, price)
on conflict (company_id, cart_id, product_id, variant_id)
do update set quantity = i.quantity + excluded.quantity, price_snapshot = excluded.price_snapshot, updated_at = $4
returning {data.cart_item.columns("i")},
  (select count(*) from cart_items old where old.company_id = $1 and old.cart_id = $2) as lines_before,
  xmax = 0 as is_new,
  (select coalesce(sum(quantity), 0) from cart_items old where old.company_id = $1 and old.cart_id = $2)
  as units_before
"""
# Committed without waiting for the disk: a crash of the database loses the shown totals of half a second.
_STORE_SHOWN_TOTAL: Final = """
update carts set quoted_total = $3, quoted_currency = $4, quoted_due = $5
from (select set_config('synchronous_commit', 'off', true)) hurry
where company_id = $1 and id = $2 and (quoted_total, quoted_currency, quoted_due) is distinct from ($3, $4, $5)
"""
_UNQUOTED: Final = (
    "quoted_total = null, quoted_currency = null, quoted_due = null, use_store_credit = false, "
    "shipping_method_id = null, shipping_rate = null, shipping_rate_digest = null, shipping_rate_until = null"
)
_RESET: Final = f"update carts set {_UNQUOTED} where company_id = {{}} and id = {{}}"
_CLEAR: Final = f"""
with codes as (delete from cart_promotions where company_id = $1 and cart_id = $2),
  coupons as (delete from cart_coupons where company_id = $1 and cart_id = $2),
  cards as (delete from cart_gift_cards where company_id = $1 and cart_id = $2),
  quote as (update carts set {_UNQUOTED} where company_id = $1 and id = $2)
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


async def lock(tx: Tx, ref: CartRef, now: datetime) -> Cart | None:
    """The cart of a reference, locked until the transaction ends, with a new expiry."""
    return _cart(await tx.fetch_row(LOCK, tx.company_id, ref.user_id, ref.token_hash, now, ref.expiry(now)))


async def create(tx: Tx, ref: CartRef, currency: str, now: datetime) -> Cart | None:
    """A new cart of a user or token, or the old one of a user, locked. None if that has expired."""
    owner = (ref.user_id, ref.token_hash)
    return _cart(await tx.fetch_row(_CREATE, tx.company_id, *owner, now, new_id(), currency, ref.expiry(now)))


async def create_with_lines(
    tx: Tx, cart_id: UUID, token_hash: str, currency: str, additions: Sequence[Addition], now: datetime
) -> Cart:
    """A cart for a guest's new token with its first lines, locked, and the events so far. One statement."""
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
        alongside=[data.cart_item.insertion(tx, lines), tx.insertion_of_events()],
    )
    return cart_of(row)


async def lock_all(tx: Tx, ids: Collection[UUID]) -> list[Cart]:
    """Carts, locked in the order of ids."""
    sql = f"select {_CART} from carts c where c.company_id = $1 and c.id = any($2) order by c.id for update"
    return [cart_from_record(row) for row in await tx.fetch(sql, tx.company_id, list(ids))]


async def contents(db: Reader, cart_ids: Sequence[UUID]) -> dict[UUID, tuple[list[CartItem], list[UUID]]]:
    """The lines of carts in their order, and the promotions of their codes. One statement."""
    found: dict[UUID, tuple[list[CartItem], list[UUID]]] = {}
    for row in await db.fetch(_CONTENTS, db.company_id, list(cart_ids)):
        items, _ = found.setdefault(row["of_cart"], ([], list(row["promotion_ids"])))
        if row["is_line"]:
            items.append(data.cart_item.from_record(row, _ITEM_OFFSET))
    return found


async def contents_now(db: Reader, carts: Collection[Cart]) -> list[CartContents]:
    """The contents of carts with the current offer of each line, in the order of the carts. One statement."""
    found = {cart.id: CartContents(cart, [], []) for cart in carts}
    ids = list(found)
    query = (_CONTENTS_OF_ONE, ids[0]) if len(ids) == 1 else (_CURRENT_CONTENTS, ids)
    for row in await db.fetch(query[0], db.company_id, query[1]):
        _fill(db, found[row["of_cart"]], row, _OFFER_OFFSET)
    return [found[cart.id] for cart in carts]


def own_contents(db: Reader, ref: CartRef, now: datetime) -> Part:
    """The contents of the cart of a reference, with their current offers; the CTE OWN_CODES has its codes."""
    values = (db.company_id, ref.user_id, ref.token_hash, now)
    return Part(_OWN_CONTENTS, values, "own_contents", "own_contents.*", None)


def contents_of(db: Reader, rows: PartRows) -> CartContents | None:
    """The contents of `own_contents`, if there is a cart."""
    contents = _filled(db, rows.rows, rows.start)
    if contents is not None:
        contents.lines.sort(key=lambda line: (line.added_at, line.id))
    return contents


async def take_out(tx: Tx, ref: CartRef, now: datetime) -> CartContents | None:
    """Lock a cart and remove all lines and codes; returns them with their current offers.

    One statement, of which the claim of the transaction can be a part.
    """
    reference = (ref.user_id, ref.token_hash)
    return _filled(tx, await tx.fetch_first(_TAKE_OUT, tx.company_id, *reference, now, ref.expiry(now)))


def _filled(db: Reader, rows: Sequence[Any], start: int = 0) -> CartContents | None:
    if not rows:
        return None
    contents = CartContents(cart_from_record(rows[0], start + _OFFER_OFFSET), [], [])
    for row in rows:
        _fill(db, contents, row, start + _OFFER_OFFSET + CART_WIDTH, start)
    return contents


def _fill(db: Reader, contents: CartContents, row: Any, offer_offset: int, start: int = 0) -> None:
    """Add the line of a row to a cart's contents."""
    contents.promotion_ids[:], contents.gift_card_ids[:] = row["promotion_ids"], row["gift_card_ids"]
    contents.coupons.update(zip(row["coupon_ids"], row["coupon_code_ids"], strict=True))
    if row["is_line"]:
        offer = offers.from_record(row, db.company_id, offer_offset)
        contents.lines.append(CartLine(contents.cart, data.cart_item.from_record(row, start + _ITEM_OFFSET), offer))


async def units(db: Reader, cart_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of units of carts, all lines together; empty carts are left out. One statement."""
    return {row["cart_id"]: row["units"] for row in await db.fetch(_UNITS, db.company_id, list(cart_ids))}


async def offer(db: Reader, key: OfferKey) -> tuple[Offer, StockLevel] | None:
    """The current offer of a product or variant, with its stock. One statement."""
    row = await db.fetch_row(_OFFER, db.company_id, *key)
    return _offer_with_stock(row, db) if row else None


async def offers_and_cart(
    tx: Tx, ref: CartRef, keys: Sequence[OfferKey], now: datetime
) -> tuple[dict[OfferKey, tuple[Offer, StockLevel]], Cart | None]:
    """The offers of keys, and the cart of a reference, if any, locked until the transaction ends, with a new expiry.

    An offer is found by its key; a product is returned also if its variant does not exist. One statement.
    """
    parameters = (ref.user_id, ref.token_hash, now, ref.expiry(now))
    rows = await tx.fetch(_offers_and_cart(len(keys)), tx.company_id, *parameters, *chain.from_iterable(keys))
    found = {(row[0], row[1]): _offer_with_stock(row, tx, _CART_OFFSET + CART_WIDTH) for row in rows if row[2]}
    cart = cart_from_record(rows[0], _CART_OFFSET) if rows[0]["has_cart"] else None
    return found, cart


@cache
def _offers_and_cart(number: int) -> str:
    """The statement for a number of keys: for a list of unknown length PostgreSQL would plan it each time."""
    keys = ", ".join(f"(${position}::uuid, ${position + 1}::uuid)" for position in range(6, 6 + 2 * number, 2))
    return f"""
        with locked as ({LOCK})
        select key.product_id, key.variant_id, p.id is not null as is_known, c.id is not null as has_cart,
          {_CART}, {_OFFER_COLUMNS}
        from (values {keys}) as key (product_id, variant_id) {offers.joins("key")} left join locked c on true
    """


def _offer_with_stock(row: Any, db: Reader, start: int = 0) -> tuple[Offer, StockLevel]:
    offer = offers.from_record(row, db.company_id, start + 1)
    return offer, StockLevel(row["available"] if offer.sku else 0, is_tracked=offer.is_tracked)


async def add(tx: Tx, cart: Cart, additions: Sequence[Addition], now: datetime) -> Added:
    """Add units to new or old lines of a locked cart, at least one addition, and write the events so far.

    One statement.
    """
    args: list[Any] = [
        tx.company_id,
        cart.id,
        cart.currency,
        now,
        [new_id() for _ in additions],
        [addition.key[0] for addition in additions],
        [addition.key[1] for addition in additions],
        [addition.quantity for addition in additions],
        [addition.price for addition in additions],
    ]
    rows = await tx.fetch(with_clause([tx.insertion_of_events()], args) + _ADD, *args)
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


async def clear(tx: Tx, cart_id: UUID) -> None:
    """Remove all lines, codes and gift cards of a cart, store credit and the shipping method. One statement."""
    await tx.execute(_CLEAR, tx.company_id, cart_id)


async def store_shown_total(
    tx: Tx, cart_id: UUID, total: Decimal | None, currency: str | None, due: Decimal | None = None
) -> None:
    """Store the total that a cart showed, None for an empty one, and what its tenders leave; `updated_at` stays."""
    await tx.execute(_STORE_SHOWN_TOTAL, tx.company_id, cart_id, total, currency, due)


def reset(tx: Tx, cart_id: UUID) -> None:
    """Remove the shown total, the wish to use store credit and the shipping method, at the end of the transaction."""
    tx.defer(Sql(_RESET, (tx.company_id, cart_id)))


async def delete_expired(tx: Tx, now: datetime, limit: int) -> int:
    """Delete expired carts except locked ones; returns their number."""
    return await tx.execute(_EXPIRED, tx.company_id, now, limit)


def _cart(row: Any) -> Cart | None:
    return cart_from_record(row) if row else None
