"""The statuses of promotions: the changes between those that staff set, and the conditions of lists; pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domains.kernel.errors import InvalidInput, NotApplicable
from domains.kernel.prisma.filters import FieldReference
from domains.kernel.text.validation import Required
from domains.promotion.errors import PromotionStatusNotAllowed
from domains.promotion.models import Promotion, PromotionChanges, PromotionStatus, StoredStatus

MAXIMUM: Final = FieldReference("max_usage_count")
NEW: Final = (StoredStatus.DRAFT, StoredStatus.ACTIVE, StoredStatus.PAUSED)
# An EXPIRED promotion stays so, and none becomes a DRAFT again: buyers may know its code.
CHANGES: Final[Mapping[StoredStatus, tuple[StoredStatus, ...]]] = {
    StoredStatus.DRAFT: (StoredStatus.ACTIVE, StoredStatus.EXPIRED),
    StoredStatus.ACTIVE: (StoredStatus.PAUSED, StoredStatus.EXPIRED),
    StoredStatus.PAUSED: (StoredStatus.ACTIVE, StoredStatus.EXPIRED),
    StoredStatus.EXPIRED: (),
}


def status_after(changes: PromotionChanges, current: Promotion | None) -> StoredStatus:
    """The status of a promotion after changes; a new one is ACTIVE by default.

    `is_active` is short for ACTIVE or PAUSED, and does not change a status that is inactive already. Raises Required,
    InvalidInput, NotApplicable, PromotionStatusNotAllowed.
    """
    for name in ("status", "is_active"):
        if current is not None and changes.get(name, "") is None:
            raise Required(f"A promotion needs a `{name}`.", field=name)
    before = None if current is None else StoredStatus(current.status)
    status, is_active = changes.get("status"), changes.get("is_active")
    if status is not None:
        wanted, field = _settable(status), "status"
        if is_active is not None and is_active != (wanted is StoredStatus.ACTIVE):
            raise NotApplicable("`is_active` contradicts `status`. Give `status` alone.", field="is_active")
    else:
        wanted, field = _switched(before, is_active=is_active), "is_active"
    if before is None and wanted not in NEW:
        raise InvalidInput(f"A new promotion is {', '.join(NEW[:-1])} or {NEW[-1]}.", field="status")
    if before is not None and wanted is not before and wanted not in CHANGES[before]:
        raise PromotionStatusNotAllowed(before, wanted, CHANGES[before], field=field)
    return wanted


def _settable(status: PromotionStatus) -> StoredStatus:
    try:
        return StoredStatus(status)
    except ValueError as error:
        text = f"{status} follows from the dates and uses of a promotion. Set {', '.join(StoredStatus)}."
        raise InvalidInput(text, field="status") from error


def _switched(before: StoredStatus | None, *, is_active: bool | None) -> StoredStatus:
    """The status of a promotion that is switched on or off, if at all."""
    if is_active is None:
        return before or StoredStatus.ACTIVE
    if is_active:
        return StoredStatus.ACTIVE
    return StoredStatus.PAUSED if before in {None, StoredStatus.ACTIVE} else before or StoredStatus.PAUSED


def status_conditions(status: PromotionStatus, now: datetime) -> list[dict[str, Any]]:
    """The conditions of a status, as in `status_of`; those of ACTIVE are the same as in `sql.active`."""
    unended = {"OR": [{"end_date": None}, {"end_date": {"gt": now}}]}
    unused = {"OR": [{"max_usage_count": None}, {"current_usage_count": {"lt": MAXIMUM}}]}
    is_past_end = {"end_date": {"lte": now}, "status": {"not": StoredStatus.DRAFT}}
    is_active = {"status": StoredStatus.ACTIVE}
    conditions: dict[PromotionStatus, list[dict[str, Any]]] = {
        PromotionStatus.DRAFT: [{"status": StoredStatus.DRAFT}],
        PromotionStatus.EXPIRED: [{"OR": [{"status": StoredStatus.EXPIRED}, is_past_end]}],
        PromotionStatus.PAUSED: [{"status": StoredStatus.PAUSED}, unended],
        PromotionStatus.USED_UP: [is_active, unended, {"current_usage_count": {"gte": MAXIMUM}}],
        PromotionStatus.SCHEDULED: [is_active, {"start_date": {"gt": now}}, unended, unused],
        PromotionStatus.ACTIVE: [is_active, {"start_date": {"lte": now}}, unended, unused],
        PromotionStatus.INACTIVE: [{"status": {"not": StoredStatus.ACTIVE}}],
    }
    return conditions[status]
