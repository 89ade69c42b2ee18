"""The filters of lists of payments, transactions and refunds."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

import strawberry

from domains.kernel.errors import TooMany
from domains.payment.listing.filters import PaymentFilter, RefundFilter, TransactionFilter
from domains.payment.models import PaymentMethod, PaymentStatus, RefundStatus, TransactionStatus, TransactionType
from gateway.graphql.core.fields import input_values

T = TypeVar("T")
MAX_VALUES: Final = 20
MAX_IDS: Final = 100


def filter_values(input: object) -> dict[str, Any]:
    """The fields of a filter. Raises TooMany for a list that is too long."""
    values = input_values(input)
    for name, value in values.items():
        limit = MAX_IDS if name == "ids" else MAX_VALUES
        if isinstance(value, Sequence) and not isinstance(value, str) and len(value) > limit:
            raise TooMany(f"At most {limit} values can be given.", field=("filter", name))
    return values


@strawberry.input(description="Conditions on payments, all of which must hold. Omitted fields set no condition.")
class PaymentFilterInput:
    """See PaymentFilter."""

    ids: list[UUID] | None = strawberry.field(default=None, description="Payments of these ids; at most 100.")
    order_id: UUID | None = strawberry.field(default=None, description="Only the payment attempts of this order.")
    providers: list[str] | None = strawberry.field(
        default=None, description="Payments at one of these providers, such as STRIPE or MANUAL; at most 20."
    )
    methods: list[PaymentMethod] | None = strawberry.field(
        default=None, description="Payments by one of these methods; at most 20."
    )
    statuses: list[PaymentStatus] | None = strawberry.field(
        default=None, description="Payments with one of these statuses; at most 20."
    )
    created_from: datetime | None = strawberry.field(
        default=None, description="Payments that were begun at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Payments that were begun before this time."
    )
    amount_at_least: Decimal | None = strawberry.field(
        default=None, description="Payments of this amount or more, in the company's currency."
    )
    amount_at_most: Decimal | None = strawberry.field(
        default=None, description="Payments of this amount or less, in the company's currency."
    )

    def as_filter(self) -> PaymentFilter:
        """The domain's filter. Raises TooMany."""
        return PaymentFilter(**filter_values(self))


@strawberry.input(description="Conditions on transactions, all of which must hold. Omitted fields set no condition.")
class PaymentTransactionFilterInput:
    """See TransactionFilter."""

    payment_id: UUID | None = strawberry.field(default=None, description="Only transactions of this payment.")
    order_id: UUID | None = strawberry.field(
        default=None, description="Only transactions of the payments of this order."
    )
    providers: list[str] | None = strawberry.field(
        default=None, description="Transactions at one of these providers, such as STRIPE or MANUAL; at most 20."
    )
    types: list[TransactionType] | None = strawberry.field(
        default=None, description="Transactions of one of these types; at most 20."
    )
    statuses: list[TransactionStatus] | None = strawberry.field(
        default=None, description="Transactions with one of these statuses; at most 20."
    )
    processed_from: datetime | None = strawberry.field(
        default=None, description="Transactions that happened at the provider at this time or later."
    )
    processed_before: datetime | None = strawberry.field(
        default=None, description="Transactions that happened at the provider before this time."
    )

    def as_filter(self) -> TransactionFilter:
        """The domain's filter. Raises TooMany."""
        return TransactionFilter(**filter_values(self))


@strawberry.input(description="Conditions on refunds, all of which must hold. Omitted fields set no condition.")
class RefundFilterInput:
    """See RefundFilter."""

    payment_id: UUID | None = strawberry.field(default=None, description="Only refunds of this payment.")
    order_id: UUID | None = strawberry.field(default=None, description="Only refunds of the payments of this order.")
    statuses: list[RefundStatus] | None = strawberry.field(
        default=None, description="Refunds with one of these statuses; at most 20."
    )
    created_from: datetime | None = strawberry.field(
        default=None, description="Refunds that were requested at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Refunds that were requested before this time."
    )

    def as_filter(self) -> RefundFilter:
        """The domain's filter. Raises TooMany."""
        return RefundFilter(**filter_values(self))
