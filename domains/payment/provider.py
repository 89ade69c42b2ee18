"""The port behind which payment providers stand: what they are asked, and what they answer."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domains.payment.cards import CardDetails


class OutcomeStatus(StrEnum):
    """What a provider says became of a request, or that it said nothing."""

    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    VOIDED = "VOIDED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A provider's answer. `code` and `message` say why it declined; the message is fit for the payer's eyes."""

    status: OutcomeStatus
    transaction_id: str | None = None
    code: str | None = None
    message: str | None = None

    @classmethod
    def unknown(cls) -> "Outcome":
        """No answer came: it may or may not have happened. Asking again settles it."""
        return cls(OutcomeStatus.UNKNOWN, code="NO_ANSWER", message="The payment provider did not answer in time.")


@dataclass(frozen=True, slots=True)
class Charge:
    """A request for money: the reference is the payment's id, the amount is at the currency's scale."""

    reference: UUID
    amount: Decimal
    currency: str
    method: CardDetails


class PaymentProvider(Protocol):
    """Moves money. Every request is idempotent by its reference: the same one again gives the same answer.

    One that does not answer raises TimeoutError or another OSError; what became of the request is then unknown.
    """

    @property
    def name(self) -> str:
        """What payments remember it by."""
        ...

    async def charge(self, charge: Charge) -> Outcome:
        """Take the money: APPROVED with its transaction, or DECLINED; VOIDED when the reference was voided before."""
        ...

    async def refund(self, reference: UUID, transaction_id: str, amount: Decimal, currency: str) -> Outcome:
        """Give back some of a transaction's money (the reference is the refund's id): APPROVED or DECLINED."""
        ...

    async def void(self, reference: UUID, transaction_id: str | None) -> Outcome:
        """Undo a charge: VOIDED, or DECLINED when some of it was given back already.

        A reference that the provider has never seen is closed: a charge that still arrives under it takes no money.
        """
        ...

    async def lookup(self, reference: UUID) -> Outcome | None:
        """What became of a charge: APPROVED, DECLINED or VOIDED; None when no such charge has arrived."""
        ...
