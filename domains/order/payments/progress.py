"""The progress of a payment: what its buyer is told after it has begun or was confirmed."""

from dataclasses import dataclass

from domains.kernel.values.secret import Secret
from domains.order.models import Order
from domains.payment.errors import PaymentDeclined
from domains.payment.models import Payment, PaymentStatus
from domains.payment.providers.results import ProviderPayment


@dataclass(frozen=True, slots=True)
class PaymentProgress:
    """An order with one of its payments.

    The client secret lets the provider's library in the buyer's browser confirm the payment. It is never stored; the
    provider is asked for it again.
    """

    order: Order
    payment: Payment
    client_secret: Secret | None = None

    def require_not_declined(self) -> None:
        """Raise PaymentDeclined for a payment that failed."""
        payment = self.payment
        if payment.status is PaymentStatus.FAILED:
            code = payment.failure_code
            raise PaymentDeclined(payment.failure_reason, payment.failure_message, provider_code=code)


def client_secret_of(payment: Payment, state: ProviderPayment | None) -> Secret | None:
    """The client secret in a provider's answer, as long as the payment waits for its buyer."""
    if state is None or state.next_action is None or payment.status is not PaymentStatus.REQUIRES_ACTION:
        return None
    return state.next_action.client_secret
