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
from domains.order.search import index_terms
from domains.order.search.sort_keys import RANKS, ranks_of, total_key
from domains.payment.fragments import ATTEMPTS

LAST: Final = "\U0010ffff"


class OrderSort(StrEnum):
    """The fields that orders can be sorted by; the id is the tie-breaker."""

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
    # Within a status by time, as in the index.
    OrderSort.STATUS: (_RANK, _CREATED),
}
_ATTEMPT: Final = f"select from {ATTEMPTS} p where p.company_id = o.company_id and p.order_id = o.id and p"
_LINE: Final = "select from order_items i where i.company_id = o.company_id and i.order_id = o.id and i"
_PROMOTION: Final = "select from order_promotions d where d.company_id = o.company_id and d.order_id = o.id and d"
_SEARCHED: Final = (
    "select s.order_id from order_search s "
    "where s.company_id = $1 and array_to_tsvector(s.terms) @@ {}::text::tsquery"
)


class OrderSearch:
    """Lists orders. Names of customers are looked up in `auth`."""

    def __init__(self, auth: AuthService) -> None:
        self._auth = auth

    async def find(
        self, db: Reader, actor: Actor, args: PageArgs, filters: OrderFilter, sort: OrderSort, *, descending: bool
    ) -> Page[Order]:
        """One page of orders; see OrderService.get_user_orders."""
        buyers = [("o.user_id = {}", (user_id,)) for user_id in _buyers(actor, filters)]
        conditions = [*buyers, *_conditions(filters), *await _searched(self._auth, db, actor, filters.search)]
        keyset = Keyset.of(args, (*_SORTED_BY[sort], _ID), order=sort, descending=descending)
        _require_rank(keyset)
        ranks = None if filters.statuses is None else ranks_of(filters.statuses)
        values: list[Any] = [db.company_id]
        rows = await db.fetch(_page(keyset, ranks, conditions, values), *values)

        async def count() -> int:
            counted: list[Any] = [db.company_id]
            where = conjunction([*_of_ranks(ranks), *conditions], counted)
            found: int = await db.fetch_value(
                f"select count(*) from orders o where o.company_id = $1{where}",  # noqa: S608 - constants
                *counted,
            )
            return found

        def cursor_of(row: Any) -> str:
            return keyset.cursor_at([row[column.sql.removeprefix("o.")] for column in keyset.columns])

        return cut(rows, args, cursor_of, count).map(data.order.from_record)


def _page(keyset: Keyset, ranks: list[int] | None, conditions: Sequence[Condition], values: list[Any]) -> str:
    """A page as SQL, of these statuses if any; its values are appended to the arguments.

    Sorted by time, a page of each status is read by index, and the first rows of these pages are the page. With the
    statuses as a condition, PostgreSQL would estimate their frequency over all companies, and might scan or sort all
    orders of this one.
    """
    if ranks is None or _CREATED not in keyset.columns:
        return _select(keyset, [*_of_ranks(ranks), *conditions, *keyset.beyond], values)
    values.append([rank for rank in ranks if _may_reach(keyset, rank)])
    each = _select(keyset, [("o.status_rank = s.rank", ()), *conditions, *_beyond_within_rank(keyset)], values)
    return (
        f"select o.* from unnest($2::smallint[]) s (rank) cross join lateral ({each}) o "  # noqa: S608 - constants
        f"order by {keyset.order_by} limit {keyset.limit}"
    )


def _select(keyset: Keyset, conditions: Sequence[Condition], values: list[Any]) -> str:
    """The first orders that meet the conditions, in the order of the page, with the keys that it is sorted by."""
    where = conjunction(conditions, values)
    return (
        f"select {data.order.columns('o')}, o.status_rank, o.total_key from orders o "  # noqa: S608 - constants
        f"where o.company_id = $1{where} order by {keyset.order_by} limit {keyset.limit}"
    )


def _may_reach(keyset: Keyset, rank: int) -> bool:
    """Whether orders of this status can come after the cursor."""
    if keyset.cursor is None or keyset.columns[0] is not _RANK:
        return True
    return bool(rank <= keyset.cursor[0] if keyset.backwards else rank >= keyset.cursor[0])


def _beyond_within_rank(keyset: Keyset) -> list[Condition]:
    """The condition that an order of the rank `s.rank` comes strictly after the cursor.

    A bound on the rank alone would not give the index a start position within the status.
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


def conditions_of(filters: OrderFilter, values: list[Any]) -> str:
    """The filter as SQL on `orders o`, without the search; its values are appended to the arguments."""
    ranks = None if filters.statuses is None else ranks_of(filters.statuses)
    return conjunction([*_of_ranks(ranks), *_conditions(filters)], values)


def _of_ranks(ranks: list[int] | None) -> list[Condition]:
    """The statuses as SQL. For a single one, an index has the orders sorted by time."""
    match ranks:
        case None:
            return []
        case [rank]:
            return [("o.status_rank = {}", (rank,))]
        case _:
            return [("o.status_rank = any({}::smallint[])", (ranks,))]


def _conditions(filters: OrderFilter) -> list[Condition]:
    """The filter without its statuses as SQL, each condition with its values.

    Raises InvalidInput for empty ranges.
    """
    require_range(filters.created_from, filters.created_before, field=("created_before",))
    require_range(filters.total_at_least, filters.total_at_most, field=("total_at_most",))
    conditions: dict[str, Any] = {
        "o.created_at >= {}": filters.created_from,
        "o.created_at < {}": filters.created_before,
        "(o.paid_at is not null) = {}": filters.is_paid,
        "o.total_key >= {}": _key(filters.total_at_least),
        "o.total_key <= {}": _key(filters.total_at_most),
        "o.payment_method = any({})": _texts(filters.payment_methods),
        "(o.user_id is null) = {}": filters.is_guest,
        "o.payment_status = any({}::order_payment_status[])": _texts(filters.payment_statuses),
        "o.fulfilment_status = any({}::fulfilment_status[])": _texts(filters.fulfilment_statuses),
        f"exists ({_ATTEMPT}.status = any({{}}::payment_status[]))": _texts(filters.payment_attempt_statuses),
        "(o.amount_refunded > 0) = {}": filters.is_refunded,
        f"exists ({_LINE}.product_id = {{}})": filters.product_id,
        f"exists ({_LINE}.sku = {{}})": _text(filters.sku and normalize_key(filters.sku), "sku"),
        f"exists ({_PROMOTION}.promotion_id = {{}})": filters.promotion_id,
    }
    return present_conditions(conditions)


async def _searched(auth: AuthService, db: Reader, actor: Actor, search: str | None) -> list[Condition]:
    """The search as SQL. Each part uses an index under row security (LIKE would read all orders).

    The beginnings of numbers and addresses are ranges by code point; terms, and with USERS:READ customers' names, are
    looked up first. A text without letters and digits finds nothing.
    """
    text = normalize_search(search)
    if text is None:
        return []
    if not text:
        return [("false", ())]
    alternatives = ["o.order_number >= {} and o.order_number < {} or o.email >= {} and o.email < {}"]
    values: list[Any] = [text, text + LAST, text.lower(), text.lower() + LAST]
    if sees_all(actor) and db.company_id is not None:
        if query := index_terms.search_query(db.company_id, text):
            alternatives.append(f"o.id = any(array({_SEARCHED}))")
            values.append(query)
        if actor.can(PermissionResource.USERS, PermissionAction.READ):
            users = await auth.members.find(db, PageArgs(first=MAX_PAGE), filter=UserFilter(search=text))
            alternatives.append("o.user_id = any({})")
            values.append([user.id for user in users.items])
    return [(f"({' or '.join(alternatives)})", tuple(values))]


def _buyers(actor: Actor, filters: OrderFilter) -> list[UUID]:
    """The users whose orders are listed. Raises Unauthenticated, PermissionDenied for another user's orders."""
    if sees_all(actor) and not filters.mine:
        return [filters.user_id] if filters.user_id else []
    if actor.user_id is None:
        raise Unauthenticated("Log in to see your orders.")
    if filters.user_id not in (None, actor.user_id) and not sees_all(actor):
        raise PermissionDenied("Other users' orders need the permission ORDERS:READ.")
    return [actor.user_id, *([filters.user_id] if filters.user_id else [])]


def _texts(members: Sequence[StrEnum] | None) -> list[str] | None:
    return None if members is None else [member.value for member in members]


def _key(total: Decimal | None) -> int | None:
    return None if total is None else total_key(total)


def _text(value: str | None, name: str) -> str | None:
    return optional_text(value, field=(name,), max_length=NAME_LENGTH)
