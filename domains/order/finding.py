"""Finding orders: lists for customers and staff, filtered, searched and sorted by index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domains.auth.models import UserFilter
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.errors import InvalidInput, PermissionDenied, Unauthenticated
from domains.kernel.pagination import MAX_PAGE, Page, PageArgs, cut, decode_cursor, encode_cursor
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.ranges import require_range
from domains.kernel.text import NAME_LENGTH, optional_text
from domains.order import data
from domains.order.below import Below
from domains.order.models import Order, OrderFilter, OrderStatus
from domains.order.permissions import sees_all

LAST: Final = "\U0010ffff"


class OrderSort(StrEnum):
    """What orders can be ordered by; the id decides between equals."""

    CREATED_AT = "created_at"
    ORDER_NUMBER = "order_number"
    TOTAL = "total"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that a list is ordered by, of this kind of value; `cast` says so to PostgreSQL where it asks."""

    name: str
    kind: type
    cast: str = ""


_CREATED: Final = _Column("created_at", datetime)
_SORTED_BY: Final = {
    OrderSort.CREATED_AT: (_CREATED,),
    OrderSort.ORDER_NUMBER: (_Column("order_number", str),),
    OrderSort.TOTAL: (_Column("total", Decimal),),
    # Within a status by time, as the index has them.
    OrderSort.STATUS: (_Column("status", str, "::order_status"), _CREATED),
}
_PAYMENT: Final = "select from payments p where p.company_id = o.company_id and p.order_id = o.id and p"
_LINE: Final = "select from order_items i where i.company_id = o.company_id and i.order_id = o.id and i"
_PROMOTION: Final = "select from order_promotions d where d.company_id = o.company_id and d.order_id = o.id and d"
_REFUND: Final = "select from refunds r where r.company_id = o.company_id and r.order_id = o.id and r"


async def find(
    below: Below, db: Reader, actor: Actor, args: PageArgs, wanted: OrderFilter, sort: OrderSort, *, descending: bool
) -> Page[Order]:
    """One page of orders; see OrderService.get_user_orders."""
    values: list[Any] = [db.company_id]
    buyers = [("o.user_id = {}", (user_id,)) for user_id in _buyers(actor, wanted)]
    searched = await _searched(below, db, actor, wanted.search)
    where = _where([*buyers, *_conditions(wanted), *searched], values)
    columns = (*_SORTED_BY[sort], _Column("id", UUID))
    order = f"{sort}:{'desc' if descending else 'asc'}"
    backwards = descending is not args.backward
    paged, paged_values = where, [*values]
    if args.cursor is not None:
        first = len(paged_values) + 1
        paged_values += _decoded(args.cursor, order, columns)
        names = ", ".join(f"o.{column.name}" for column in columns)
        marks = ", ".join(f"${first + place}{column.cast}" for place, column in enumerate(columns))
        paged += f" and ({names}) {'<' if backwards else '>'} ({marks})"
    way = "desc" if backwards else "asc"
    ordered = ", ".join(f"o.{column.name} {way}" for column in columns)
    rows = await db.fetch(
        f"select {data.order.columns('o')} from orders o where o.company_id = $1{paged} "  # noqa: S608 - made here
        f"order by {ordered} limit {args.size + 1}",
        *paged_values,
    )

    async def count() -> int:
        found: int = await db.fetch_value(
            f"select count(*) from orders o where o.company_id = $1{where}",  # noqa: S608 - made here
            *values,
        )
        return found

    def cursor_of(row: Any) -> str:
        return encode_cursor(order, [row[column.name] for column in columns])

    return cut(rows, args, cursor_of, count).map(data.order.from_record)


def _decoded(cursor: str, order: str, columns: Sequence[_Column]) -> list[Any]:
    values = decode_cursor(cursor, order, [column.kind for column in columns])
    if columns[0].name == "status" and values[0] not in [status.value for status in OrderStatus]:
        raise InvalidInput("This is not a cursor of this list.", path=("after",))
    return values


def conditions_of(wanted: OrderFilter, values: list[Any]) -> str:
    """The filter as SQL on `orders o`, whoever asks; its values go to the end of the arguments. No search."""
    return _where(_conditions(wanted), values)


def _conditions(wanted: OrderFilter) -> list[tuple[str, tuple[Any, ...]]]:
    """The filter as SQL, each condition with its values. Raises InvalidInput for ranges that nothing lies in."""
    require_range(wanted.created_from, wanted.created_before, path=("filter", "createdBefore"))
    require_range(wanted.total_at_least, wanted.total_at_most, path=("filter", "totalAtMost"))
    given: dict[str, Any] = {
        "o.status = any({}::order_status[])": _texts(wanted.statuses),
        "o.created_at >= {}": wanted.created_from,
        "o.created_at < {}": wanted.created_before,
        "(o.paid_at is not null) = {}": wanted.is_paid,
        "o.total >= {}": wanted.total_at_least,
        "o.total <= {}": wanted.total_at_most,
        "o.payment_method = any({})": _texts(wanted.payment_methods),
        "(o.user_id is null) = {}": wanted.is_guest,
        f"exists ({_PAYMENT}.status = any({{}}::payment_status[]))": _texts(wanted.payment_statuses),
        f"exists ({_REFUND}.status = 'SUCCEEDED') = {{}}": wanted.is_refunded,
        f"exists ({_LINE}.product_id = {{}})": wanted.product_id,
        f"exists ({_LINE}.sku = {{}})": _text(wanted.sku, "sku"),
        f"exists ({_PROMOTION}.promotion_id = {{}})": wanted.promotion_id,
    }
    return [(condition, (value,)) for condition, value in given.items() if value is not None]


async def _searched(below: Below, db: Reader, actor: Actor, search: str | None) -> list[tuple[str, tuple[Any, ...]]]:
    """The search as SQL: ranges by code point, which the index serves under row security; LIKE would read all orders.

    Of customers' names a list is made first, the latest to come, for those who may read it.
    """
    text = optional_text(search, path=("search",), most=NAME_LENGTH)
    if not text:
        return []
    ranges = "o.order_number >= {} and o.order_number < {} or o.email >= {} and o.email < {}"
    bounds = (text, text + LAST, text.lower(), text.lower() + LAST)
    if not (sees_all(actor) and actor.can(PermissionResource.USERS, PermissionAction.READ)):
        return [(f"({ranges})", bounds)]
    customers = await below.auth.administration.find_users(
        db, PageArgs(first=MAX_PAGE), filter=UserFilter(search=text)
    )
    return [(f"({ranges} or o.user_id = any({{}}))", (*bounds, [user.id for user in customers.items]))]


def _where(conditions: Sequence[tuple[str, tuple[Any, ...]]], values: list[Any]) -> str:
    """The conditions in one; their values go to the end of the arguments."""
    made = ""
    for condition, given in conditions:
        values += given
        marks = (f"${place}" for place in range(len(values) - len(given) + 1, len(values) + 1))
        made += f" and {condition.format(*marks)}"
    return made


def _buyers(actor: Actor, wanted: OrderFilter) -> list[UUID]:
    """Whose orders alone are wanted or may be seen. Raises Unauthenticated, PermissionDenied for somebody else's."""
    if sees_all(actor) and not wanted.mine:
        return [wanted.user_id] if wanted.user_id else []
    if actor.user_id is None:
        raise Unauthenticated("Sign in to see your orders.")
    if wanted.user_id not in (None, actor.user_id) and not sees_all(actor):
        raise PermissionDenied("Other people's orders need the permission ORDERS:READ.")
    return [actor.user_id, *([wanted.user_id] if wanted.user_id else [])]


def _texts(members: Sequence[StrEnum] | None) -> list[str] | None:
    return None if members is None else [member.value for member in members]


def _text(value: str | None, name: str) -> str | None:
    return optional_text(value, path=("filter", name), most=NAME_LENGTH)
