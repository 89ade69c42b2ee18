"""The events of notes on orders. The text of a note is not in them."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.order.events import OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNoteAdded(OrderEvent):
    """Staff wrote a note on an order. The buyer sees it unless `is_internal`."""

    topic: ClassVar[str] = "order.note_added"
    note_id: UUID
    is_internal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNoteUpdated(OrderEvent):
    """Staff changed a note on an order. The buyer sees it unless `is_internal`."""

    topic: ClassVar[str] = "order.note_updated"
    note_id: UUID
    is_internal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNoteDeleted(OrderEvent):
    """Staff deleted a note on an order."""

    topic: ClassVar[str] = "order.note_deleted"
    note_id: UUID
