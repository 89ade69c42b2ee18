"""The port of payment providers: the requests that an adapter carries out, and the results that it returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias
from uuid import UUID

from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.data import CaptureMethod, DeclineReason, NextActionType, RefundStatus


class ProviderStatus(StrEnum):
    """The status of a payment at its provider. NO_ANSWER: the provider did not answer; the outcome is unknown."""

    NO_ANSWER = "NO_ANSWER"
    PROCESSING = "PROCESSING"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    AUTHORIZED = "AUTHORIZED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class MethodToken:
    """A payment method that the provider keeps, by the token that its own form or vault issued for it."""

    token: Secret


@dataclass(frozen=True, slots=True)
class HostedCheckout:
    """No payment method yet: the buyer chooses one and approves the payment on a page of the provider."""


# CardDetails are passed to providers with `accepts_cards` only.
PaymentInstrument: TypeAlias = CardDetails | MethodToken | HostedCheckout


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the buyer must do before the payment goes on, and the page where they do it."""

    type: NextActionType
    url: str


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a provider refused a request: our reason, the provider's code, and a message for the buyer."""

    reason: DeclineReason
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PaymentReference:
    """A payment: `reference` is our id, `provider_id` the provider's id, if it is known."""

    reference: UUID
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A payment to authorize, and with AUTOMATIC to capture at once; the amount is at the currency's scale.

    The provider sends the buyer to `return_url` after a next action.
    """

    reference: UUID
    amount: Money
    instrument: PaymentInstrument
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    return_url: str | None = None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A part of a captured payment to refund; `reference` is our id of the refund."""

    reference: UUID
    payment: PaymentReference
    amount: Money


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment at the provider. `amount` is the authorized or captured amount; None if there was none.

    `next_action` is set with REQUIRES_ACTION only, `decline` with FAILED only.
    """

    status: ProviderStatus
    provider_id: str | None = None
    amount: Money | None = None
    next_action: NextAction | None = None
    decline: Decline | None = None

    @classmethod
    def unanswered(cls) -> "ProviderPayment":
        """The result of a request that the provider did not answer; it may or may not have been carried out."""
        return cls(ProviderStatus.NO_ANSWER)


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund at the provider; PENDING also means no answer. `decline` is set with FAILED only."""

    status: RefundStatus
    provider_id: str | None = None
    decline: Decline | None = None

    @classmethod
    def unanswered(cls) -> "ProviderRefund":
        """The result of a request that the provider did not answer; it is sent again."""
        return cls(RefundStatus.PENDING)


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A verified message of a provider. It names the payment that changed; its state is then looked up.

    `id` is unique at the provider; the same event may arrive more than once. `payment` is None for other events.
    """

    id: str
    type: str
    occurred_at: datetime
    payment: PaymentReference | None


class PaymentProvider(Protocol):
    """Carries out payments. Each request is idempotent by its reference, without a time limit.

    A request that the provider does not answer raises TimeoutError or another OSError. A refusal of the provider
    is returned as a result with a Decline, never raised.
    """

    @property
    def name(self) -> str:
        """The name by which payments and settings refer to the provider."""
        ...

    @property
    def accepts_cards(self) -> bool:
        """Whether the provider takes raw card numbers; others take a MethodToken or a HostedCheckout only."""
        ...

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """Authorize an amount, and capture it where the request says AUTOMATIC.

        Any status but NO_ANSWER; CANCELLED when the reference was cancelled before.
        """
        ...

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """Capture an authorized payment, at most its amount; what is not captured is released.

        SUCCEEDED, also when it was captured before; CANCELLED when it was cancelled before, FAILED when the amount
        cannot be captured.
        """
        ...

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """Cancel a payment: release what is authorized, or return the whole captured amount.

        CANCELLED, or FAILED when some of it was refunded before. A reference that the provider does not know is
        closed: an authorization that arrives later under it is CANCELLED and takes no money.
        """
        ...

    async def find(self, payment: PaymentReference) -> ProviderPayment | None:
        """Look a payment up, by the provider's id where it is known, else by reference; None when there is none."""
        ...

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refund a part of a captured payment. The same refund again returns its present status."""
        ...

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Verify the signature over the raw body and read the event; header names are compared without case.

        Raises WebhookSignatureInvalid for a signature that is missing, wrong, or older than the tolerance, and
        WebhookMalformed for a signed body that cannot be read.
        """
        ...
