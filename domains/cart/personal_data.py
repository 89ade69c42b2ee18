"""Personal data of the cart domain: carts of users, and carts of guests who confirmed an address."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.cart import data
from domains.cart.events import CartChanged
from domains.cart.models import CartRef
from domains.cart.service import CartService
from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported

CARTS: Final = """
select id from carts
where company_id = $1 and (user_id = $2 or (user_id is null and confirmed_email = any($3))) order by id
"""
NOT_EXPORTED: Final = ("session_id",)


async def export_person(_cart: CartService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The carts with their lines."""
    ids = await _carts_of(db, person)
    carts = await data.cart.find_many(db, where={"id": {"in": ids}}, order_by=[{"id": "asc"}])
    items = await data.cart_item.find_many(db, where={"cart_id": {"in": ids}}, order_by=[{"id": "asc"}])
    return {"carts": exported(carts, without=NOT_EXPORTED), "cart_items": exported(items)}


async def erase_person(_cart: CartService, tx: Tx, erasure: Erasure) -> int:
    """Delete the carts, and the codes that were sent to the person's addresses for carts of others.

    Emits CartChanged, which does not name the person.
    """
    ids = await _carts_of(tx, erasure.person)
    codes = await data.cart_email_code.delete_many(tx, where={"email": {"in": erasure.person.emails}})
    for cart_id in ids:
        tx.emit(CartChanged(cart_id=cart_id, user_id=None))
    return codes + await data.cart.delete_many(tx, where={"id": {"in": ids}})


async def merge_person(cart: CartService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Add what fits of the carts to the user's cart, as at a login, and delete them."""
    ids = await _carts_of(tx, person)
    await cart.items.merge_carts(tx, CartRef(user_id=user_id), ids)
    return len(ids)


async def _carts_of(db: Reader, person: Person) -> list[UUID]:
    return [row["id"] for row in await db.fetch(CARTS, db.company_id, *person.keys)]
