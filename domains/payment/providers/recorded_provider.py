"""The provider of payments that are recorded when the money is here already; no outside service is called.

MANUAL: money that staff received by transfer or in cash. GIFT_CARD and STORE_CREDIT: balances that are kept here.
EXCHANGE: the value of goods that were returned, which pays the order that replaces them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.data import DeclineReason, RefundStatus, TransactionStatus, TransactionType
from domains.payment.errors import WebhookSignatureInvalid
from domains.payment.providers.provider import PaymentProvider
from domains.payment.providers.requests import AuthorizationRequest, PaymentReference, ProviderCustomer, RefundRequest
from domains.payment.providers.results import (
    Decline,
    MethodSetup,
    ProviderPayment,
    ProviderRefund,
    ProviderStatus,
    ProviderTransaction,
    WebhookEvent,
)

MANUAL: Final = "MANUAL"
GIFT_CARD: Final = "GIFT_CARD"
STORE_CREDIT: Final = "STORE_CREDIT"
EXCHANGE: Final = "EXCHANGE"
RECORDED: Final = (MANUAL, GIFT_CARD, STORE_CREDIT, EXCHANGE)


def transaction_id(provider: str, reference: UUID) -> str:
    """The id of a recorded payment, which no outside service gives one."""
    return f"{provider.lower()}_{reference.hex}"


class RecordedProvider:
    """Refunds and cancels recorded payments at once: staff return the money, or the balance gets it back."""

    # ruff: noqa: ARG002 - the port's parameters
    accepts_cards = False

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._not_possible = Decline(
            DeclineReason.METHOD_NOT_SUPPORTED,
            f"{name}_PROVIDER",
            "This payment is recorded when its money is here; it cannot be authorized or captured.",
        )

    def takes(self, amount: Money) -> bool:
        """True: any amount."""
        return True

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """FAILED: a recorded payment cannot be authorized."""
        return ProviderPayment(ProviderStatus.FAILED, decline=self._not_possible)

    async def confirm(self, payment: PaymentReference) -> ProviderPayment:
        """FAILED: there is nothing to confirm."""
        return ProviderPayment(ProviderStatus.FAILED, payment.provider_id, decline=self._not_possible)

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """FAILED: a recorded payment is never only authorized."""
        return ProviderPayment(ProviderStatus.FAILED, payment.provider_id, decline=self._not_possible)

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """CANCELLED: all of it is returned."""
        returned: list[ProviderTransaction] = []
        if payment.amount is not None:
            returned_id, now = transaction_id(f"{self.name}_re", payment.reference), self._clock.now()
            done = TransactionStatus.SUCCEEDED
            returned = [ProviderTransaction(returned_id, TransactionType.REFUND, done, payment.amount, now)]
        return ProviderPayment(ProviderStatus.CANCELLED, payment.provider_id, transactions=tuple(returned))

    async def find(self, payment: PaymentReference) -> ProviderPayment | None:
        """None: there is no record but ours."""
        return None

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """SUCCEEDED: the amount is returned."""
        return ProviderRefund(RefundStatus.SUCCEEDED, transaction_id(f"{self.name}_re", request.reference))

    async def begin_setup(self, reference: UUID, customer: ProviderCustomer, return_url: str | None) -> MethodSetup:
        """FAILED: there is no method to keep."""
        return MethodSetup(ProviderStatus.FAILED, decline=self._not_possible)

    async def finish_setup(self, provider_id: str) -> MethodSetup:
        """FAILED: there is no method to keep."""
        return MethodSetup(ProviderStatus.FAILED, provider_id, decline=self._not_possible)

    async def forget_method(self, token: Secret) -> None:
        """Nothing: there is no method to delete."""

    async def events_since(self, moment: datetime) -> Sequence[WebhookEvent]:
        """None."""
        return ()

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Raise WebhookSignatureInvalid: there are no webhooks."""
        raise WebhookSignatureInvalid(f"The provider {self.name} sends no webhooks.")


def recorded_providers(clock: Clock) -> Mapping[str, PaymentProvider]:
    """The provider of each kind of recorded payment, by its name."""
    return {name: RecordedProvider(name, clock) for name in RECORDED}
