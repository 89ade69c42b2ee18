"""What of an order can be returned: its delivered units, less those that are held, and the window. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domains.order.models import OrderItem
from domains.payment.models import RefundLine
from domains.returns import statuses
from domains.returns.models import ReturnItem, ReturnStatus
from domains.shipping.shipments.deliveries import DeliveredUnits

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """A line of an order with its delivered units, of which `taken` are returned, requested or refunded already."""

    item: OrderItem
    deliveries: Sequence[DeliveredUnits]
    taken: int

    @property
    def delivered(self) -> int:
        """All units that were delivered."""
        return sum(each.quantity for each in self.deliveries)

    @property
    def is_returnable(self) -> bool:
        """Whether units of it can ever be returned: it is neither digital nor a gift card."""
        return self.item.requires_shipping and not self.item.is_gift_card

    @property
    def left(self) -> int:
        """The units that can still be returned, without regard to the window."""
        return max(self.delivered - self.taken, 0)

    def within(self, window_days: int, now: datetime) -> int:
        """The units that can still be returned and were delivered within the window.

        The units that are taken count as those that were delivered first.
        """
        recent = sum(each.quantity for each in self.deliveries if now <= each.delivered_at + window_days * DAY)
        return min(self.left, recent)

    def window_ends_at(self, window_days: int) -> datetime | None:
        """When the window of the units that were delivered last ends; None when nothing was delivered."""
        return max((each.delivered_at + window_days * DAY for each in self.deliveries), default=None)


def held(item: ReturnItem, status: ReturnStatus) -> int:
    """The units of a line that an item of a return request takes: none can be requested again.

    Those that are requested, then those that are approved; of a request that has ended those that came or were
    refunded.
    """
    if status in statuses.ENDED:
        return max(item.received, item.refunded)
    return item.quantity if status is ReturnStatus.PENDING else item.approved


def returnable_lines(
    items: Iterable[OrderItem],
    delivered: Iterable[DeliveredUnits],
    requested: Iterable[tuple[ReturnItem, ReturnStatus]],
    refunded: Iterable[RefundLine],
) -> dict[UUID, ReturnableLine]:
    """The lines of orders by id, with what of them can be returned.

    Units that were refunded without a return cannot be returned.
    """
    deliveries: dict[UUID, list[DeliveredUnits]] = {}
    for each in delivered:
        deliveries.setdefault(each.order_item_id, []).append(each)
    taken = _taken(requested, refunded)
    return {item.id: ReturnableLine(item, deliveries.get(item.id, []), taken.get(item.id, 0)) for item in items}


def _taken(
    requested: Iterable[tuple[ReturnItem, ReturnStatus]], refunded: Iterable[RefundLine]
) -> Mapping[UUID, int]:
    taken: dict[UUID, int] = {}
    paid_back: dict[UUID, int] = {}
    for line in refunded:
        if line.order_item_id is not None:
            paid_back[line.order_item_id] = paid_back.get(line.order_item_id, 0) + (line.quantity or 0)
    for item, status in requested:
        taken[item.order_item_id] = taken.get(item.order_item_id, 0) + held(item, status)
        paid_back[item.order_item_id] = paid_back.get(item.order_item_id, 0) - item.refunded
    for item_id, units in paid_back.items():
        taken[item_id] = taken.get(item_id, 0) + max(units, 0)
    return taken
