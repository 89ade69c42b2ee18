"""A payment intent with what has happened to it: its charge, refunds and disputes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from stripe import Charge, Dispute, PaymentIntent, Refund, StripeObject

from domains.kernel.values.money import Money
from gateway.providers.stripe.amounts import from_units
from gateway.providers.stripe.webhooks import uuid_of

# Metadata of ours at Stripe. `reference` is our id of the payment, refund, customer or setup that an object is for.
REFERENCE: Final = "reference"
CHECKOUT: Final = "checkout"  # HOSTED: the buyer's browser confirms the intent, as often as it takes
HOSTED: Final = "hosted"
CANCELLATION: Final = "cancellation"  # on a refund that cancels its payment: our id of the payment
# Why an intent was cancelled at Stripe: it failed or was never confirmed, or our caller cancelled it.
ABANDONED: Final = "abandoned"
REQUESTED: Final = "requested_by_customer"
UNDONE: Final = frozenset({"failed", "canceled"})  # refunds that moved no money
OPEN: Final = frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"})


def note(of: StripeObject, name: str) -> str | None:
    """A text in an object's metadata."""
    metadata: StripeObject | None = getattr(of, "metadata", None)
    return metadata[name] if metadata is not None and name in metadata else None


def reference_of(of: StripeObject) -> UUID | None:
    """Our id in an object's metadata."""
    return uuid_of(note(of, REFERENCE))


def time_of(seconds: int) -> datetime:
    """The time that Stripe gives in seconds."""
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True, slots=True, repr=False)
class IntentRecord:
    """A payment intent as it is now. `charge` is its latest one; `refunds` are of that charge, oldest first.

    It has no repr: that of Stripe's objects contains the client secret.
    """

    intent: PaymentIntent
    charge: Charge | None
    refunds: tuple[Refund, ...]
    disputes: tuple[Dispute, ...]

    @classmethod
    def of(
        cls, intent: PaymentIntent, charge: Charge | None, refunds: Sequence[Refund], disputes: Sequence[Dispute]
    ) -> "IntentRecord":
        """The record, without the refund by which Stripe releases what was authorized and not captured."""
        ordered = list(reversed(refunds))
        ordered.sort(key=lambda refund: refund.created)
        released = charge.amount - charge.amount_captured if charge else 0
        if released and ((charge and charge.captured) or intent.status == "canceled"):
            release = next((each for each in ordered if each.amount == released and not _is_ours(each)), None)
            ordered = [each for each in ordered if each is not release]
        return cls(intent, charge, tuple(ordered), tuple(disputes))

    @property
    def currency(self) -> str:
        """The code of the currency, in capitals."""
        return self.intent.currency.upper()

    @property
    def is_open(self) -> bool:
        """Whether the intent can be cancelled, and nothing was captured."""
        return self.intent.status in OPEN

    @property
    def is_hosted(self) -> bool:
        """Whether the buyer's browser confirms the intent."""
        return note(self.intent, CHECKOUT) == HOSTED

    @property
    def is_stranded(self) -> bool:
        """Whether the intent waits for another payment method, which nobody will give: it failed."""
        return self.intent.status == "requires_payment_method" and not self.is_hosted

    @property
    def is_cancelled(self) -> bool:
        """Whether the payment was cancelled before its capture, or by a refund of all that was captured."""
        if self.intent.status == "canceled":
            return True
        return any(note(each, CANCELLATION) and each.status not in UNDONE for each in self.refunds)

    @property
    def captured(self) -> Money:
        """The captured amount."""
        captured = self.charge.amount_captured if self.charge and self.charge.captured else 0
        return from_units(captured, self.currency)

    @property
    def refunded(self) -> Money:
        """The amount of refunds that are carried out or under way."""
        return from_units(sum(each.amount for each in self.refunds if each.status not in UNDONE), self.currency)

    @property
    def refundable(self) -> Money:
        """The captured amount that is left."""
        return self.captured - self.refunded

    def refund_of(self, reference: UUID) -> Refund | None:
        """The refund with our id."""
        return next((each for each in self.refunds if reference_of(each) == reference), None)


def _is_ours(refund: Refund) -> bool:
    return bool(note(refund, REFERENCE) or note(refund, CANCELLATION))
