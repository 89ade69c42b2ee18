"""Lists of carts for staff: all of a company's, filtered, searched by customer, in an order."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domains.cart import data
from domains.cart.models import Cart, CartFilter, cart_from_record
from domains.kernel.database import Reader
from domains.kernel.pagination.pages import Page, PageArgs, cut, decode_cursor, encode_cursor
from domains.kernel.text.names import patterns
from domains.kernel.values.ranges import require_range

_HAS_ITEMS: Final = "exists (select from cart_items i where i.company_id = c.company_id and i.cart_id = c.id)"
_OF_CUSTOMER: Final = """(c.confirmed_email like any(${0}::text[]) or exists (
  select from users u where u.id = c.user_id and u.search_text like any(${0}::text[])))"""


class CartSort(StrEnum):
    """What carts can be ordered by."""

    UPDATED_AT = "updated_at"
    CREATED_AT = "created_at"


# Ids are made in the order of time (UUIDv7), and have an index that creation times need not have as well.
_SORTED_BY: Final[dict[CartSort, tuple[str, type]]] = {
    CartSort.UPDATED_AT: ("updated_at", datetime),
    CartSort.CREATED_AT: ("id", UUID),
}


async def find_page(
    db: Reader, args: PageArgs, wanted: CartFilter, search: str | None, sort: CartSort, *, descending: bool
) -> Page[Cart]:
    """One page of the company's carts; one statement, and one more when they are counted."""
    require_range(wanted.updated_after, wanted.updated_before, field=("filter", "updated_before"))
    values: list[Any] = [db.company_id]
    where = "".join(f" and {condition}" for condition in _conditions(wanted, search, values))
    column, kind = _SORTED_BY[sort]
    order = f"{sort}:{'desc' if descending else 'asc'}"
    backwards = descending is not args.backward
    paged, paged_values = where, [*values]
    if args.cursor is not None:
        paged_values += decode_cursor(args.cursor, order, [kind, UUID])
        sign = "<" if backwards else ">"
        paged += f" and (c.{column}, c.id) {sign} (${len(paged_values) - 1}, ${len(paged_values)})"
    way = "desc" if backwards else "asc"
    rows = await db.fetch(
        f"select {data.cart.columns('c')} from carts c where c.company_id = $1 {paged} "  # noqa: S608 - made here
        f"order by c.{column} {way}, c.id {way} limit {args.size + 1}",
        *paged_values,
    )

    async def count() -> int:
        found: int = await db.fetch_value(
            f"select count(*) from carts c where c.company_id = $1 {where}",  # noqa: S608 - made here
            *values,
        )
        return found

    return cut(rows, args, lambda row: encode_cursor(order, [row[column], row["id"]]), count).map(cart_from_record)


def _conditions(wanted: CartFilter, search: str | None, values: list[Any]) -> list[str]:
    """The filter as SQL; its values go to the end of the arguments."""
    given: dict[str, Any] = {
        _OF_CUSTOMER: patterns(search),
        "(c.user_id is null) = ${}": wanted.is_guest,
        f"(not {_HAS_ITEMS}) = ${{}}": wanted.is_empty,
        "c.user_id = ${}": wanted.user_id,
        "c.updated_at >= ${}": wanted.updated_after,
        "c.updated_at < ${}": wanted.updated_before,
    }
    conditions = []
    for condition, value in given.items():
        if value is not None:
            values.append(value)
            conditions.append(condition.format(len(values)))
    return conditions
