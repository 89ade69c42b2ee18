"""The MANUAL provider of payments that staff record; no outside service is called."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.errors import WebhookSignatureInvalid
from domains.payment.manual.manual_payments import NAME
from domains.payment.models import DeclineReason, RefundStatus
from domains.payment.providers.requests import AuthorizationRequest, PaymentReference, ProviderCustomer, RefundRequest
from domains.payment.providers.results import (
    Decline,
    MethodSetup,
    ProviderPayment,
    ProviderRefund,
    ProviderStatus,
    WebhookEvent,
)

NOT_POSSIBLE: Final = Decline(
    DeclineReason.METHOD_NOT_SUPPORTED,
    "MANUAL_PROVIDER",
    "A manual payment is recorded when the money was received; it cannot be authorized or captured.",
)


class ManualProvider:
    """Refunds and cancels manual payments at once: staff move the money themselves."""

    # ruff: noqa: ARG002 - the port's parameters
    name = NAME
    accepts_cards = False

    def takes(self, amount: Money) -> bool:
        """True: any amount."""
        return True

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """FAILED: a manual payment cannot be authorized."""
        return ProviderPayment(ProviderStatus.FAILED, decline=NOT_POSSIBLE)

    async def confirm(self, payment: PaymentReference) -> ProviderPayment:
        """FAILED: a manual payment has no provider record."""
        return ProviderPayment(ProviderStatus.FAILED, payment.provider_id, decline=NOT_POSSIBLE)

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """FAILED: a manual payment is never only authorized."""
        return ProviderPayment(ProviderStatus.FAILED, payment.provider_id, decline=NOT_POSSIBLE)

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """CANCELLED: the money was returned by hand."""
        return ProviderPayment(ProviderStatus.CANCELLED, payment.provider_id)

    async def find(self, payment: PaymentReference) -> ProviderPayment | None:
        """None: a manual payment has no provider record."""
        return None

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """SUCCEEDED: the money was returned by hand."""
        return ProviderRefund(RefundStatus.SUCCEEDED, f"manual_re_{request.reference.hex}")

    async def begin_setup(self, reference: UUID, customer: ProviderCustomer, return_url: str | None) -> MethodSetup:
        """FAILED: there is no method to keep."""
        return MethodSetup(ProviderStatus.FAILED, decline=NOT_POSSIBLE)

    async def finish_setup(self, provider_id: str) -> MethodSetup:
        """FAILED: there is no method to keep."""
        return MethodSetup(ProviderStatus.FAILED, provider_id, decline=NOT_POSSIBLE)

    async def forget_method(self, token: Secret) -> None:
        """Nothing: there is no method to delete."""

    async def events_since(self, moment: datetime) -> Sequence[WebhookEvent]:
        """None."""
        return ()

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Raise WebhookSignatureInvalid: the MANUAL provider sends no webhooks."""
        raise WebhookSignatureInvalid("The MANUAL provider sends no webhooks.")
