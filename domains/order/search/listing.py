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
from domains.order.models import FulfilmentStatus, Order, OrderFilter, OrderPaymentStatus
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
        values: list[Any] = [db.company_id]
        if sort is OrderSort.CREATED_AT and _is_by_summaries(filters, has_buyer=bool(buyers)):
            page = _page_of_summaries(keyset, filters, conditions, values)
        else:
            page = _page(keyset, _status_ranks(filters), [*_of_summaries(filters), *conditions], values)
        rows = await db.fetch(page, *values)

        async def count() -> int:
            counted: list[Any] = [db.company_id]
            where = conjunction([*_of_statuses(filters), *conditions], counted)
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


def _is_by_summaries(filters: OrderFilter, *, has_buyer: bool) -> bool:
    """Whether the payment and fulfilment statuses narrow a list most, of all conditions that an index answers."""
    narrower = (filters.statuses, filters.search, filters.product_id, filters.sku, filters.promotion_id)
    has_summaries = filters.payment_statuses is not None or filters.fulfilment_statuses is not None
    return has_summaries and not has_buyer and all(value is None for value in narrower)


def _page_of_summaries(
    keyset: Keyset, filters: OrderFilter, conditions: Sequence[Condition], values: list[Any]
) -> str:
    """A page by time of these payment and fulfilment statuses as SQL; its values are appended to the arguments.

    As with statuses, a page of each pair is read by the index that begins with both, and the first rows of these
    pages are the page.
    """
    payment, fulfilment = filters.payment_statuses, filters.fulfilment_statuses
    values.append(ranks_of(tuple(OrderPaymentStatus) if payment is None else payment))
    values.append(ranks_of(tuple(FulfilmentStatus) if fulfilment is None else fulfilment))
    pair: list[Condition] = [
        ("o.payment_status_rank = p.rank", ()),
        ("o.fulfilment_status_rank = f.rank", ()),
    ]
    each = _select(keyset, [*pair, *conditions, *keyset.beyond], values)
    return (
        "select o.* from unnest($2::smallint[]) p (rank) cross join unnest($3::smallint[]) f (rank) "  # noqa: S608 - constants
        f"cross join lateral ({each}) o order by {keyset.order_by} limit {keyset.limit}"
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
    """Raise CursorInvalid for a cursor whose first value is no status."""
    if keyset.cursor is not None and keyset.columns[0] is _RANK and keyset.cursor[0] not in RANKS.values():
        raise CursorInvalid


def conditions_of(filters: OrderFilter, values: list[Any]) -> str:
    """The filter as SQL on `orders o`, without the search; its values are appended to the arguments."""
    return conjunction([*_of_statuses(filters), *_conditions(filters)], values)


def _status_ranks(filters: OrderFilter) -> list[int] | None:
    return None if filters.statuses is None else ranks_of(filters.statuses)


def _of_statuses(filters: OrderFilter) -> list[Condition]:
    """The filter's statuses, payment statuses and fulfilment statuses as SQL."""
    return [*_of_ranks(_status_ranks(filters)), *_of_summaries(filters)]


def _of_summaries(filters: OrderFilter) -> list[Condition]:
    """The filter's payment statuses and fulfilment statuses as SQL."""
    payment, fulfilment = filters.payment_statuses, filters.fulfilment_statuses
    ranks = {
        "o.payment_status_rank = any({}::smallint[])": None if payment is None else ranks_of(payment),
        "o.fulfilment_status_rank = any({}::smallint[])": None if fulfilment is None else ranks_of(fulfilment),
    }
    return present_conditions(ranks)


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
    """The filter without statuses, payment statuses and fulfilment statuses as SQL, each condition with its values.

    Raises RangeInverted.
    """
    require_range(filters.created_from, filters.created_before, field=("created_before",))
    require_range(filters.total_at_least, filters.total_at_most, field=("total_at_most",))
    conditions: dict[str, Any] = {
        "o.id = any({}::uuid[])": None if filters.ids is None else list(filters.ids),
        "o.created_at >= {}": filters.created_from,
        "o.created_at < {}": filters.created_before,
        "(o.paid_at is not null) = {}": filters.is_paid,
        # Not an equality: the index of orders on hold needs the first of them as it is.
        "(o.held_at is not null and {})": True if filters.is_on_hold else None,
        "(o.held_at is null and {})": True if filters.is_on_hold is False else None,
        "o.total_key >= {}": _key(filters.total_at_least),
        "o.total_key <= {}": _key(filters.total_at_most),
        "o.payment_method = any({})": _texts(filters.payment_methods),
        "(o.user_id is null) = {}": filters.is_guest,
        f"exists ({_ATTEMPT}.status = any({{}}::payment_status[]))": _texts(filters.payment_attempt_statuses),
        "(o.amount_refunded > o.amount_repaid) = {}": filters.is_refunded,
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
