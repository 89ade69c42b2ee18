"""Finding orders: lists for customers and staff, filtered, searched and sorted by index."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.errors import PermissionDenied, Unauthenticated
from domains.kernel.listing import Sort, fetch_page
from domains.kernel.pagination import Page, PageArgs
from domains.kernel.prisma.filters import DatetimeFilter
from domains.kernel.text import NAME_LENGTH, optional_text
from domains.order import data
from domains.order.models import Order, OrderFilter
from domains.order.permissions import sees_all

NEWEST: Final = Sort("created_at", datetime, "desc")
BY_NUMBER: Final = Sort("order_number", str)
BY_TOTAL: Final = Sort("total", Decimal, "desc")
LAST: Final = "\U0010ffff"


async def find(db: Reader, actor: Actor, args: PageArgs, wanted: OrderFilter, sort: Sort) -> Page[Order]:
    """One page of orders; see OrderService.get_user_orders."""
    return await fetch_page(data.order, db, args, sort=sort, where=_where(actor, wanted))


def _where(actor: Actor, wanted: OrderFilter) -> data.OrderWhere:
    where: data.OrderWhere = {"AND": [{"user_id": user_id} for user_id in _buyers(actor, wanted)]}
    if wanted.statuses is not None:
        where["status"] = {"in": wanted.statuses}
    if wanted.is_paid is not None:
        where["paid_at"] = {"not": None} if wanted.is_paid else None
    created: DatetimeFilter = {}
    if wanted.created_from is not None:
        created["gte"] = wanted.created_from
    if wanted.created_before is not None:
        created["lt"] = wanted.created_before
    if created:
        where["created_at"] = created
    text = optional_text(wanted.search, path=("search",), most=NAME_LENGTH)
    if text:
        # Ranges by code point, which the index serves under row security; LIKE would read every order.
        where["OR"] = [
            {"order_number": {"gte": text, "lt": text + LAST}},
            {"email": {"gte": text.lower(), "lt": text.lower() + LAST}},
        ]
    return where


def _buyers(actor: Actor, wanted: OrderFilter) -> list[UUID]:
    """Whose orders alone are wanted or may be seen. Raises Unauthenticated, PermissionDenied for somebody else's."""
    if sees_all(actor) and not wanted.mine:
        return [wanted.user_id] if wanted.user_id else []
    if actor.user_id is None:
        raise Unauthenticated("Sign in to see your orders.")
    if wanted.user_id not in (None, actor.user_id) and not sees_all(actor):
        raise PermissionDenied("Other people's orders need the permission ORDERS:READ.")
    return [actor.user_id, *([wanted.user_id] if wanted.user_id else [])]
