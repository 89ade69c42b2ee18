"""The port of payment providers, which adapters implement, and the accounts that companies connect with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.providers.requests import (
    AuthorizationRequest,
    PaymentReference,
    ProviderCustomer,
    RefundRequest,
)
from domains.payment.providers.results import MethodSetup, ProviderPayment, ProviderRefund, WebhookEvent


class PaymentProvider(Protocol):
    """Carries out payments with a company's account. Each request is idempotent by its reference, however late.

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

    def takes(self, amount: Money) -> bool:
        """Whether the provider can charge, capture and refund this amount: it takes the currency, with its decimals.

        A provider may take fewer decimals than the currency has.
        """
        ...

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """Authorize an amount, and capture it where the request says AUTOMATIC.

        Any status but NO_ANSWER; CANCELLED when the reference was cancelled before.
        """
        ...

    async def confirm(self, payment: PaymentReference) -> ProviderPayment:
        """Carry out a payment that its buyer has APPROVED; any other payment is only looked up.

        The capture method is that of the authorization. A payment that the provider does not know is FAILED.
        """
        ...

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """Capture an authorized payment, at most its amount; what is not captured is released.

        SUCCEEDED, also when it was captured before; CANCELLED when it was cancelled before, FAILED when the amount
        cannot be captured.
        """
        ...

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """Cancel a payment: release what is authorized, or return what is left of the captured amount.

        CANCELLED, or FAILED for a payment that was declined. A reference that the provider does not know is
        closed: an authorization that arrives later under it is CANCELLED and takes no money.
        """
        ...

    async def find(self, payment: PaymentReference) -> ProviderPayment | None:
        """Look a payment up, by the provider's id where it is known, else by reference; None when there is none."""
        ...

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refund a part of a captured payment. The same refund again returns its present status."""
        ...

    async def begin_setup(self, reference: UUID, customer: ProviderCustomer, return_url: str | None) -> MethodSetup:
        """Begin to save a payment method of a customer without paying; `reference` is our id of the request.

        A provider that keeps no methods returns FAILED with METHOD_NOT_SUPPORTED.
        """
        ...

    async def finish_setup(self, provider_id: str) -> MethodSetup:
        """Save the method of a setup that its customer has completed; any other setup is only looked up."""
        ...

    async def forget_method(self, token: Secret) -> None:
        """Delete a payment method at the provider. One that it does not know is no error."""
        ...

    async def events_since(self, moment: datetime) -> Sequence[WebhookEvent]:
        """The events from this time on, oldest first, at most 1,000: those that webhooks may have missed."""
        ...

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Verify the signature over the raw body and read the event; header names are compared without case.

        Raises WebhookSignatureInvalid for a signature that is missing, wrong, or older than the tolerance, and
        WebhookMalformed for a signed body that cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class CredentialField:
    """A setting of a company's account at a provider. A secret one is stored encrypted and never shown again.

    A public one is for everyone: the provider's library in the browser needs it. An adapter has one at most.
    """

    name: str
    description: str
    is_secret: bool = False
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """The settings of a company's account at a provider, by the names of its credential fields."""

    settings: Mapping[str, str]
    secrets: Mapping[str, Secret]


class ProviderAdapter(Protocol):
    """A provider that is installed; a company connects to it with its own account."""

    @property
    def name(self) -> str:
        """The name by which payments and settings refer to the provider."""
        ...

    @property
    def fields(self) -> Sequence[CredentialField]:
        """What a company must give to connect; empty for a provider without accounts."""
        ...

    async def prepare(self) -> None:
        """Load what `connect` needs, without blocking the event loop. Idempotent."""
        ...

    def connect(self, credentials: Credentials) -> PaymentProvider:
        """The provider with the account of a company. No request is made.

        Raises InvalidInput, whose field ends with the name of a credential that the provider cannot have issued.
        """
        ...

    async def close(self) -> None:
        """Close the connections to the provider."""
        ...
