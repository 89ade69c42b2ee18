"""Our references as PayPal keeps them in `custom_id`, with what is noted there about a payment.

PayPal finds nothing by an id of ours and keeps an order open that no one pays. What must be known of such an order is
therefore noted at PayPal itself: `<payment>`, or `<payment>.<note>` and a detail.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

MAX_LENGTH: Final = 127


class Note(StrEnum):
    """What is noted."""

    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    REFUND = "REFUND"


@dataclass(frozen=True, slots=True)
class CustomId:
    """Our id of a payment and the note; `detail` is the issue of a FAILED payment, or our id of a REFUND."""

    payment: UUID
    note: Note | None = None
    detail: str | None = None

    def __str__(self) -> str:
        parts = [str(self.payment), self.note, self.detail]
        return ".".join(part for part in parts if part)[:MAX_LENGTH]

    @classmethod
    def read(cls, text: object) -> "CustomId | None":
        """The custom id of a text; None for one that another software wrote."""
        if not isinstance(text, str):
            return None
        payment, _, rest = text.partition(".")
        note, _, detail = rest.partition(".")
        try:
            return cls(UUID(payment), Note(note) if note else None, detail or None)
        except ValueError:
            return None

    @property
    def refund(self) -> UUID | None:
        """Our id of the refund, of a custom id that notes one."""
        if self.note is not Note.REFUND:
            return None
        try:
            return UUID(self.detail)
        except (ValueError, TypeError, AttributeError):
            return None
