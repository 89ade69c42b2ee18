"""The answers of payment providers: payments, transactions, refunds, kept methods, and webhook events."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.data import (
    DeclineReason,
    NextActionType,
    RefundStatus,
    SavedMethodType,
    TransactionStatus,
    TransactionType,
)

DIRECTIONS: Final = {
    TransactionType.CHARGE: 1,
    TransactionType.CAPTURE: 1,
    TransactionType.REFUND: -1,
    TransactionType.CHARGEBACK: -1,
}


class ProviderStatus(StrEnum):
    """The status of a payment at its provider.

    NO_ANSWER: the provider did not answer; the outcome is unknown. APPROVED: the buyer has approved the payment on a
    page of the provider, and no money moves before `confirm`.
    """

    NO_ANSWER = "NO_ANSWER"
    PROCESSING = "PROCESSING"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    APPROVED = "APPROVED"
    AUTHORIZED = "AUTHORIZED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the buyer must do before the payment goes on.

    `url` is the page where they do it; it is None for CONFIRMATION, which the provider's library in the browser does
    with the `client_secret`.
    """

    type: NextActionType
    url: str | None = None
    client_secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a provider refused a request: our reason, the provider's code, and a message for the buyer."""

    reason: DeclineReason
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ProviderTransaction:
    """A movement of money of a payment at the provider, or its reservation. `id` is unique with the type.

    `reference` is our id of a refund, where the provider returns it; None otherwise.
    """

    id: str
    type: TransactionType
    status: TransactionStatus
    amount: Money
    occurred_at: datetime
    reference: UUID | None = None


@dataclass(frozen=True, slots=True)
class KeptMethod:
    """A payment method that the provider keeps for a customer. `brand` is as the provider writes it, such as `visa`.

    `label` is what the customer knows an account by, such as a masked e-mail address; None for a card.
    """

    token: Secret
    type: SavedMethodType
    customer_id: str
    brand: str | None = None
    last4: str | None = None
    expiry_month: int | None = None
    expiry_year: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment at the provider. `amount` is the authorized or captured amount; None if there was none.

    `next_action` is set with REQUIRES_ACTION only, `decline` with FAILED only. `transactions` are all that the
    provider knows of the payment, oldest first. `method` is set when the provider keeps the method for a customer,
    and `authorized_until` is when an authorization that is not captured ends, where the provider tells it.
    """

    status: ProviderStatus
    provider_id: str | None = None
    amount: Money | None = None
    next_action: NextAction | None = None
    decline: Decline | None = None
    transactions: tuple[ProviderTransaction, ...] = ()
    method: KeptMethod | None = None
    authorized_until: datetime | None = None

    @property
    def left(self) -> Decimal:
        """What was captured and is neither returned, charged back, nor about to be; in the payment's currency."""
        moved = [each for each in self.transactions if each.status is not TransactionStatus.FAILED]
        return sum((each.amount.amount * DIRECTIONS.get(each.type, 0) for each in moved), Decimal(0))

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
class MethodSetup:
    """A payment method that a customer begins to save without paying. `method` is set with SUCCEEDED only.

    The status is REQUIRES_ACTION, APPROVED, SUCCEEDED, FAILED or CANCELLED.
    """

    status: ProviderStatus
    provider_id: str | None = None
    method: KeptMethod | None = None
    next_action: NextAction | None = None
    decline: Decline | None = None


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A verified message of a provider. It names the payment that changed; its state is then looked up.

    `id` is unique at the provider; the same event may arrive more than once. `provider_ids` are the ids of the
    payment and of its transactions that the message has; `reference` is our id of the payment, where it has that.
    Both are empty for events about something else.
    """

    id: str
    type: str
    occurred_at: datetime
    provider_ids: tuple[str, ...] = ()
    reference: UUID | None = None
