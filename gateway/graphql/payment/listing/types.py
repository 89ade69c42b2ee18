"""The GraphQL type of transactions at payment providers."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.payment import models
from domains.payment.models import TransactionStatus, TransactionType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.ledger.types import TRANSACTION_ENTRIES, LedgerEntry
from gateway.graphql.payment.loaders import load_payments_by_id, load_refunds_by_id

if TYPE_CHECKING:
    from gateway.graphql.payment.types import Payment, Refund

READS_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.READ)
LazyPayment = Annotated["Payment", strawberry.lazy("gateway.graphql.payment.types")]
LazyRefund = Annotated["Refund", strawberry.lazy("gateway.graphql.payment.types")]

describe(
    TransactionType,
    "What moved at a payment provider, or was reserved there.",
    {
        TransactionType.AUTHORIZATION: "An amount was reserved on the buyer's account.",
        TransactionType.CHARGE: "An amount was authorized and captured at once.",
        TransactionType.CAPTURE: "An authorized amount was taken, in whole or in part.",
        TransactionType.REFUND: "An amount was given back to the buyer.",
        TransactionType.VOID: "A reserved amount was released without a capture.",
        TransactionType.CHARGEBACK: "The buyer's bank took an amount back after a dispute.",
    },
    name="PaymentTransactionType",
)
describe(
    TransactionStatus,
    "The status of a transaction at its provider.",
    {
        TransactionStatus.PENDING: "The provider has not completed it yet.",
        TransactionStatus.SUCCEEDED: "The provider has carried it out.",
        TransactionStatus.FAILED: "The provider or a bank refused it; no money moved.",
    },
    name="PaymentTransactionStatus",
)


def amount_of(root: Any) -> Money:
    """The amount in the payment's currency; always positive, also of a refund."""
    return present(Money, KernelMoney(root.amount, root.currency))


@strawberry.type(
    description=(
        "What moved at a payment provider, or was reserved there. Entries are only added: when a status changes, "
        "there is another one with the same `providerTransactionId`. Requires ORDERS:READ."
    )
)
class PaymentTransaction(Node, model=models.PaymentTransaction):
    """The payment domain's PaymentTransaction."""

    currency: strawberry.Private[str]

    payment_id: UUID = strawberry.field(description="The id of the payment that it belongs to.")
    refund_id: UUID | None = strawberry.field(
        description="The id of the refund of ours that it carried out; null for one made at the provider."
    )
    provider: str = strawberry.field(description="The name of the payment provider; MANUAL for recorded money.")
    type: TransactionType = strawberry.field(description="Whether money was reserved, taken, released or given back.")
    status: TransactionStatus = strawberry.field(description="Whether the provider has carried it out or refused it.")
    amount: Money = computed(amount_of)
    provider_transaction_id: str = strawberry.field(
        description="The provider's id; the payment's where the provider gives the transaction none."
    )
    processed_at: datetime = strawberry.field(description="When it happened at the provider.")
    created_at: datetime = strawberry.field(description="When it became known here.")
    payment: LazyPayment | None = relation(
        "payment_id", load_payments_by_id, description="The payment, with its status as of now."
    )
    refund: LazyRefund | None = relation(
        "refund_id", load_refunds_by_id, description="The refund of ours; null for one made at the provider."
    )
    ledger_entries: list[LedgerEntry] | None = TRANSACTION_ENTRIES
