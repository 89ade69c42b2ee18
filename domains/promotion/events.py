"""The events of the promotion domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionEvent(Event):
    """The base of the events about one promotion."""

    promotion_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The promotion."""
        return self.promotion_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionCreated(PromotionEvent):
    """A promotion was created. It applies from its start, and with a `code` only to buyers who enter it."""

    topic: ClassVar[str] = "promotion.created"
    name: str
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionUpdated(PromotionEvent):
    """A promotion changed; `changed` names the columns, and `product_ids` or `category_ids` for its targets."""

    topic: ClassVar[str] = "promotion.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionDeleted(PromotionEvent):
    """A promotion that no order had used was deleted."""

    topic: ClassVar[str] = "promotion.deleted"
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionUsedUp(PromotionEvent):
    """An order took the last use of a promotion.

    The promotion applies again when an order gives its use back or the maximum is raised, and the event is repeated
    when the last use is taken then.
    """

    topic: ClassVar[str] = "promotion.exhausted"
    order_id: UUID
    max_usage_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSegmentEvent(Event):
    """The base of the events about one customer segment."""

    segment_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The segment."""
        return self.segment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSegmentCreated(CustomerSegmentEvent):
    """A customer segment was created."""

    topic: ClassVar[str] = "promotion.segment_created"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSegmentUpdated(CustomerSegmentEvent):
    """A customer segment changed; `changed` names the columns, and `members` for its list."""

    topic: ClassVar[str] = "promotion.segment_updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSegmentDeleted(CustomerSegmentEvent):
    """A customer segment that no promotion used was deleted."""

    topic: ClassVar[str] = "promotion.segment_deleted"
    name: str
