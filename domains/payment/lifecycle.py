"""The lifecycle of a payment: which status follows from a provider's answer. Pure tables."""

from collections.abc import Mapping
from typing import Final

from domains.payment.models import PaymentStatus
from domains.payment.providers.results import ProviderStatus

# The provider's outcome is not known yet.
UNCONFIRMED: Final = (PaymentStatus.PENDING, PaymentStatus.PROCESSING, PaymentStatus.REQUIRES_ACTION)
# Money may still be taken. An order has at most one payment that is open.
OPEN: Final = (*UNCONFIRMED, PaymentStatus.AUTHORIZED)

# For each answer of a provider: the status that follows, and the statuses that it applies to. To a payment in any
# other status the answer comes too late and changes nothing. A captured payment is CANCELLED only when that was asked
# for (`sql.RECORD`); otherwise what the provider returned is a refund.
STATUS_AFTER: Final[Mapping[ProviderStatus, tuple[PaymentStatus, tuple[PaymentStatus, ...]]]] = {
    ProviderStatus.NO_ANSWER: (PaymentStatus.PROCESSING, (PaymentStatus.PENDING, PaymentStatus.PROCESSING)),
    ProviderStatus.PROCESSING: (PaymentStatus.PROCESSING, UNCONFIRMED),
    ProviderStatus.REQUIRES_ACTION: (PaymentStatus.REQUIRES_ACTION, UNCONFIRMED),
    ProviderStatus.APPROVED: (PaymentStatus.PROCESSING, UNCONFIRMED),
    ProviderStatus.AUTHORIZED: (PaymentStatus.AUTHORIZED, UNCONFIRMED),
    ProviderStatus.SUCCEEDED: (PaymentStatus.SUCCEEDED, OPEN),
    ProviderStatus.FAILED: (PaymentStatus.FAILED, OPEN),
    ProviderStatus.CANCELLED: (PaymentStatus.CANCELLED, (*OPEN, PaymentStatus.SUCCEEDED)),
}


def status_after(current: PaymentStatus, answer: ProviderStatus) -> PaymentStatus:
    """The status of a payment after a provider's answer; the current one where the answer does not apply."""
    following, applies_to = STATUS_AFTER[answer]
    return following if current in applies_to else current
