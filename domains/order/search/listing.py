"""Lists of orders for customers and staff, filtered, searched and sorted by index."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domains.auth.models import UserFilter
from domains.auth.service import AuthService
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.errors import CursorInvalid, PermissionDenied, Unauthenticated
from domains.kernel.pagination.keyset import Column, Condition, Keyset
from domains.kernel.pagination.pages import MAX_PAGE, Page, PageArgs, cut
from domains.kernel.pagination.sql_lists import conjunction, present_conditions
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.text.validation import NAME_LENGTH, normalize_key, normalize_search, optional_text
from domains.kernel.values.ranges import require_range
from domains.order import data
from domains.order.models import Order, OrderFilter
from domains.order.policy import sees_all
from domains.order.search import terms
from domains.order.search.sort_keys import RANKS, ranks_of, total_key
from domains.payment.fragments import ATTEMPTS

LAST: Final = "\U0010ffff"


class OrderSort(StrEnum):
    """The fields that orders can be sorted by; the id decides between equals."""

    CREATED_AT = "created_at"
    ORDER_NUMBER = "order_number"
    TOTAL = "total"
    STATUS = "status"


_CREATED: Final = Column("o.created_at", datetime)
_RANK: Final = Column("o.status_rank", int)
_ID: Final = Column("o.id", UUID)
_SORTED_BY: Final = {
    OrderSort.CREATED_AT: (_CREATED,),
    OrderSort.ORDER_NUMBER: (Column("o.order_number", str),),
    OrderSort.TOTAL: (Column("o.total_key", int),),
    # Within a status by time, as the index has them.
    OrderSort.STATUS: (_RANK, _CREATED),
}
_ATTEMPT: Final = f"select from {ATTEMPTS} p where p.company_id = o.company_id and p.order_id = o.id and p"
_LINE: Final = "select from order_items i where i.company_id = o.company_id and i.order_id = o.id and i"
_PROMOTION: Final = "select from order_promotions d where d.company_id = o.company_id and d.order_id = o.id and d"
_FOUND: Final = (
    "select s.order_id from order_search s "
    "where s.company_id = $1 and array_to_tsvector(s.terms) @@ {}::text::tsquery"
)


class OrderSearch:
    """Lists orders. Names of customers are looked up in `auth`."""

    def __init__(self, auth: AuthService) -> None:
        self._auth = auth

    async def find(
        self, db: Reader, actor: Actor, args: PageArgs, wanted: OrderFilter, sort: OrderSort, *, descending: bool
    ) -> Page[Order]:
        """One page of orders; see OrderService.get_user_orders."""
        buyers = [("o.user_id = {}", (user_id,)) for user_id in _buyers(actor, wanted)]
        conditions = [*buyers, *_conditions(wanted), *await _searched(self._auth, db, actor, wanted.search)]
        keyset = Keyset.of(args, (*_SORTED_BY[sort], _ID), order=sort, descending=descending)
        _require_rank(keyset)
        ranks = None if wanted.statuses is None else ranks_of(wanted.statuses)
        values: list[Any] = [db.company_id]
        rows = await db.fetch(_page(keyset, ranks, conditions, values), *values)

        async def count() -> int:
            counted: list[Any] = [db.company_id]
            where = conjunction([*_of_ranks(ranks), *conditions], counted)
            found: int = await db.fetch_value(
                f"select count(*) from orders o where o.company_id = $1{where}",  # noqa: S608 - made here
                *counted,
            )
            return found

        def cursor_of(row: Any) -> str:
            return keyset.cursor_at([row[column.sql.removeprefix("o.")] for column in keyset.columns])

        return cut(rows, args, cursor_of, count).map(data.order.from_record)


def _page(keyset: Keyset, ranks: list[int] | None, conditions: Sequence[Condition], values: list[Any]) -> str:
    """A page as SQL, of these statuses if they matter; its values go to the end of the arguments.

    By time, each status gives a page by the index that has it in order, and the first of all these are the page. With
    the statuses as a condition PostgreSQL goes by how common they are in all companies together, and may walk through
    all the orders of this one, or sort them.
    """
    if ranks is None or _CREATED not in keyset.columns:
        return _select(keyset, [*_of_ranks(ranks), *conditions, *keyset.beyond], values)
    values.append([rank for rank in ranks if _may_reach(keyset, rank)])
    each = _select(keyset, [("o.status_rank = s.rank", ()), *conditions, *_beyond_within_rank(keyset)], values)
    return (
        f"select o.* from unnest($2::smallint[]) s (rank) cross join lateral ({each}) o "  # noqa: S608 - made here
        f"order by {keyset.order_by} limit {keyset.limit}"
    )


def _select(keyset: Keyset, conditions: Sequence[Condition], values: list[Any]) -> str:
    """The first orders that meet the conditions, in the order of the page, with the keys that it is sorted by."""
    where = conjunction(conditions, values)
    return (
        f"select {data.order.columns('o')}, o.status_rank, o.total_key from orders o "  # noqa: S608 - made here
        f"where o.company_id = $1{where} order by {keyset.order_by} limit {keyset.limit}"
    )


def _may_reach(keyset: Keyset, rank: int) -> bool:
    """Whether orders of this status can come after the cursor."""
    if keyset.cursor is None or keyset.columns[0] is not _RANK:
        return True
    return bool(rank <= keyset.cursor[0] if keyset.backwards else rank >= keyset.cursor[0])


def _beyond_within_rank(keyset: Keyset) -> list[Condition]:
    """The condition that an order of the rank `s.rank` comes strictly after the cursor.

    A bound on the rank would not tell the index where to begin within the status.
    """
    if keyset.cursor is None or keyset.columns[0] is not _RANK:
        return keyset.beyond
    names = ", ".join(column.sql for column in keyset.columns[1:])
    end, sign = ("infinity", "<") if keyset.backwards else ("-infinity", ">")
    bound = f"({names}) {sign} (case when s.rank = {{}} then {{}} else '{end}'::timestamptz end, {{}})"
    return [(bound, tuple(keyset.cursor))]


def _require_rank(keyset: Keyset) -> None:
    """Raise InvalidInput for a cursor whose first value is no status."""
    if keyset.cursor is not None and keyset.columns[0] is _RANK and keyset.cursor[0] not in RANKS.values():
        raise CursorInvalid


def conditions_of(wanted: OrderFilter, values: list[Any]) -> str:
    """The filter as SQL on `orders o`, whoever asks; its values go to the end of the arguments. No search."""
    ranks = None if wanted.statuses is None else ranks_of(wanted.statuses)
    return conjunction([*_of_ranks(ranks), *_conditions(wanted)], values)


def _of_ranks(ranks: list[int] | None) -> list[Condition]:
    """The statuses as SQL: of one by itself, an index has the orders in the order of their time."""
    match ranks:
        case None:
            return []
        case [rank]:
            return [("o.status_rank = {}", (rank,))]
        case _:
            return [("o.status_rank = any({}::smallint[])", (ranks,))]


def _conditions(wanted: OrderFilter) -> list[Condition]:
    """The filter but for its statuses as SQL, each condition with its values.

    Raises InvalidInput for ranges that nothing lies in.
    """
    require_range(wanted.created_from, wanted.created_before, field=("filter", "created_before"))
    require_range(wanted.total_at_least, wanted.total_at_most, field=("filter", "total_at_most"))
    conditions: dict[str, Any] = {
        "o.created_at >= {}": wanted.created_from,
        "o.created_at < {}": wanted.created_before,
        "(o.paid_at is not null) = {}": wanted.is_paid,
        "o.total_key >= {}": _key(wanted.total_at_least),
        "o.total_key <= {}": _key(wanted.total_at_most),
        "o.payment_method = any({})": _texts(wanted.payment_methods),
        "(o.user_id is null) = {}": wanted.is_guest,
        "o.payment_status = any({}::order_payment_status[])": _texts(wanted.payment_statuses),
        "o.fulfilment_status = any({}::fulfilment_status[])": _texts(wanted.fulfilment_statuses),
        f"exists ({_ATTEMPT}.status = any({{}}::payment_status[]))": _texts(wanted.payment_attempt_statuses),
        "(o.amount_refunded > 0) = {}": wanted.is_refunded,
        f"exists ({_LINE}.product_id = {{}})": wanted.product_id,
        f"exists ({_LINE}.sku = {{}})": _text(wanted.sku and normalize_key(wanted.sku), "sku"),
        f"exists ({_PROMOTION}.promotion_id = {{}})": wanted.promotion_id,
    }
    return present_conditions(conditions)


async def _searched(auth: AuthService, db: Reader, actor: Actor, search: str | None) -> list[Condition]:
    """The search as SQL, each part by an index that row security leaves in use (LIKE would read all orders).

    How number and address begin are ranges by code point; the terms, and for those who may read them customers'
    names, give the ids first. Nothing is found where nothing is left of what is asked.
    """
    text = normalize_search(search)
    if text is None:
        return []
    if not text:
        return [("false", ())]
    asked = ["o.order_number >= {} and o.order_number < {} or o.email >= {} and o.email < {}"]
    values: list[Any] = [text, text + LAST, text.lower(), text.lower() + LAST]
    if sees_all(actor) and db.company_id is not None:
        if query := terms.query_of(db.company_id, text):
            asked.append(f"o.id = any(array({_FOUND}))")
            values.append(query)
        if actor.can(PermissionResource.USERS, PermissionAction.READ):
            users = await auth.members.find(db, PageArgs(first=MAX_PAGE), filter=UserFilter(search=text))
            asked.append("o.user_id = any({})")
            values.append([user.id for user in users.items])
    return [(f"({' or '.join(asked)})", tuple(values))]


def _buyers(actor: Actor, wanted: OrderFilter) -> list[UUID]:
    """The users whose orders are listed. Raises Unauthenticated, PermissionDenied for another user's orders."""
    if sees_all(actor) and not wanted.mine:
        return [wanted.user_id] if wanted.user_id else []
    if actor.user_id is None:
        raise Unauthenticated("Sign in to see your orders.")
    if wanted.user_id not in (None, actor.user_id) and not sees_all(actor):
        raise PermissionDenied("Other users' orders need the permission ORDERS:READ.")
    return [actor.user_id, *([wanted.user_id] if wanted.user_id else [])]


def _texts(members: Sequence[StrEnum] | None) -> list[str] | None:
    return None if members is None else [member.value for member in members]


def _key(total: Decimal | None) -> int | None:
    return None if total is None else total_key(total)


def _text(value: str | None, name: str) -> str | None:
    return optional_text(value, field=("filter", name), max_length=NAME_LENGTH)
