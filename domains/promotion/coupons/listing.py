"""The conditions and orders of lists of coupons and of unique codes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.pagination.keyset import containing
from domains.kernel.prisma.filters import FieldReference
from domains.kernel.text.validation import LINE_LENGTH
from domains.promotion.coupons.models import CouponFilter, CouponStatus
from domains.promotion.validation import is_code, normalized_code

# The last two have no index: a company has few coupons, and only staff list them.
SORT_TYPES: Final = {
    "created_at": datetime,
    "starts_at": datetime,
    "name": str,
    "priority": int,
    "usage_count": int,
}
LIMIT: Final = FieldReference("usage_limit")
NO_ROW: Final[Mapping[str, Any]] = {"id": {"in": []}}


def conditions(filters: CouponFilter, now: datetime, ids: Sequence[UUID] | None = None) -> dict[str, Any]:
    """The conditions of a list; `ids` are the coupons of the filter's code. Raises InvalidInput and TooLong."""
    where: dict[str, Any] = {
        name: getattr(filters, name) for name in ("is_active", "type") if getattr(filters, name) is not None
    }
    conditions = [] if filters.status is None else _of_status(filters.status, now)
    if filters.has_unique_codes is not None:
        conditions.append({"code": None if filters.has_unique_codes else {"not": None}})
    if ids is not None:
        conditions.append({"id": {"in": list(ids)}})
    if conditions:
        where["AND"] = conditions
    if (match := containing(filters.search, max_length=LINE_LENGTH)) is not None:
        where["OR"] = [{"name": match}]
        if "contains" in match:
            where["OR"].append({"code": {"contains": normalized_code(filters.search or "")}})
    return where


def of_code(text: str) -> Mapping[str, Any]:
    """The condition that a row has this code; none has a text that is no code."""
    code = normalized_code(text)
    return {"code": code} if is_code(code) else NO_ROW


def _of_status(status: CouponStatus, now: datetime) -> list[dict[str, Any]]:
    match status:
        case CouponStatus.ACTIVE:
            unended = {"OR": [{"ends_at": None}, {"ends_at": {"gt": now}}]}
            unused = {"OR": [{"usage_limit": None}, {"usage_count": {"lt": LIMIT}}]}
            return [{"is_active": True, "starts_at": {"lte": now}}, unended, unused]
        case CouponStatus.SCHEDULED:
            return [{"is_active": True, "starts_at": {"gt": now}}]
        case CouponStatus.EXPIRED:
            return [{"ends_at": {"lte": now}}]
        case CouponStatus.USED_UP:
            return [{"usage_count": {"gte": LIMIT}}]
        case CouponStatus.INACTIVE:
            return [{"is_active": False}]
