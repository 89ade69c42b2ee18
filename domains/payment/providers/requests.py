"""The requests to payment providers, and what they are about."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.data import CaptureMethod


@dataclass(frozen=True, slots=True)
class ProviderCustomer:
    """A customer: `reference` is our id of the user, `provider_id` the provider's id, if it is known."""

    reference: UUID
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class MethodToken:
    """A payment method that the provider keeps, by the token that its own form or vault issued for it.

    `customer` is the one whom the provider keeps it for; None for a token that is used once.
    """

    token: Secret
    customer: ProviderCustomer | None = None


@dataclass(frozen=True, slots=True)
class HostedCheckout:
    """No payment method yet: the buyer chooses one and approves the payment on a page of the provider."""


# CardDetails are passed to providers with `accepts_cards` only.
PaymentInstrument: TypeAlias = CardDetails | MethodToken | HostedCheckout


@dataclass(frozen=True, slots=True)
class PaymentReference:
    """A payment: `reference` is our id, `provider_id` the provider's id, if it is known, `amount` what is to be paid.

    The amount may be left out for a provider that finds payments by our id.
    """

    reference: UUID
    provider_id: str | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A payment to authorize, and with AUTOMATIC to capture at once; the amount is at the currency's scale.

    The provider sends the buyer to `return_url` after a next action. A `customer` to `keep_method_for` may pay with
    the method again. `description` is shown to the buyer by the provider, at most 127 characters.
    """

    reference: UUID
    amount: Money
    instrument: PaymentInstrument
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    return_url: str | None = None
    keep_method_for: ProviderCustomer | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A part of a captured payment to refund; `reference` is our id of the refund."""

    reference: UUID
    payment: PaymentReference
    amount: Money
