"""The events of coupons."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponEvent(Event):
    """The base of the events about one coupon."""

    coupon_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The coupon."""
        return self.coupon_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponCreated(CouponEvent):
    """A coupon was created. It applies from its start to buyers who enter one of its codes."""

    topic: ClassVar[str] = "coupon.created"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponUpdated(CouponEvent):
    """A coupon changed; `changed` names the columns, `product_ids` and the like for its targets.

    It names `codes` when unique codes were switched on or off, or deleted.
    """

    topic: ClassVar[str] = "coupon.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponDeleted(CouponEvent):
    """A coupon that no order had used was deleted, with its codes."""

    topic: ClassVar[str] = "coupon.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponCodesCreated(CouponEvent):
    """Unique codes were generated for a coupon, or added to it."""

    topic: ClassVar[str] = "coupon.codes_created"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponUsedUp(CouponEvent):
    """An order took the last use of a coupon.

    The coupon applies again when an order gives its use back or the limit is raised, and the event is repeated when
    the last use is taken then.
    """

    topic: ClassVar[str] = "coupon.exhausted"
    order_id: UUID
    usage_limit: int
