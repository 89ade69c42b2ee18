"""The money timeline of an order."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.payment.listing import timeline
from domains.payment.listing.timeline import MoneyTimelineKind
from domains.payment.models import TransactionStatus
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.context import Context
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.scalars import Money
from gateway.graphql.engine.loading import many_per_key
from gateway.graphql.payment.listing.types import READS_ORDERS, amount_of
from gateway.graphql.payment.loaders import load_order_refunds, load_payments, load_transactions
from gateway.graphql.payment.types import SEES_USERS

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]

describe(
    MoneyTimelineKind,
    "An attempt to pay an order, or what moved at the provider or was reserved there.",
    {
        MoneyTimelineKind.ATTEMPT: "The buyer began to pay, or staff recorded money that was received.",
        MoneyTimelineKind.AUTHORIZATION: "An amount was reserved on the buyer's account.",
        MoneyTimelineKind.CHARGE: "An amount was authorized and captured at once.",
        MoneyTimelineKind.CAPTURE: "An authorized amount was taken, in whole or in part.",
        MoneyTimelineKind.REFUND: "An amount was given back to the buyer.",
        MoneyTimelineKind.VOID: "A reserved amount was released without a capture.",
        MoneyTimelineKind.CHARGEBACK: "The buyer's bank took an amount back after a dispute.",
    },
)


@strawberry.type(description="An attempt to pay an order, or a transaction of one at its provider.")
class MoneyTimelineEntry:
    """The payment domain's MoneyTimelineEntry."""

    currency: strawberry.Private[str]
    user_id: strawberry.Private[UUID | None]

    kind: MoneyTimelineKind = strawberry.field(description="Whether it is an attempt, or how money moved.")
    status: TransactionStatus = strawberry.field(
        description="The result. An attempt has SUCCEEDED once it is authorized or captured."
    )
    amount: Money = computed(amount_of)
    provider: str = strawberry.field(description="The name of the payment provider; MANUAL for recorded money.")
    provider_transaction_id: str | None = strawberry.field(
        description="The provider's id; null until the provider has answered."
    )
    payment_id: UUID = strawberry.field(description="The id of the payment that it belongs to.")
    refund_id: UUID | None = strawberry.field(description="The id of the refund of ours; null for all other kinds.")
    actor_kind: ActorKind | None = strawberry.field(
        description="Who asked for it; null for what happened at the provider, and where it was not logged."
    )
    user: LazyUser | None = relation(
        "user_id",
        load_users,
        guard=SEES_USERS,
        description="The user who asked for it; null for guests and the platform. Requires USERS:READ.",
    )
    error: str | None = strawberry.field(description="Why it FAILED, a `DeclineReason`; null for another status.")
    occurred_at: datetime = strawberry.field(description="When it was begun here, or happened at the provider.")


async def load_money_timelines(context: Context, keys: Sequence[UUID]) -> Sequence[list[timeline.MoneyTimelineEntry]]:
    """The money timelines of orders: four statements for all; payments and refunds are loaded once per request."""
    order_ids = list(keys)
    payments = await context.loaders.of(load_payments).load_level(order_ids)
    refunds = await context.loaders.of(load_order_refunds).load_level(order_ids)
    ids = [payment.id for of_order in payments for payment in of_order]
    moved = dict(zip(ids, await context.loaders.of(load_transactions).load_level(ids), strict=True))
    logged = await context.services.payment.lists.entries_of_orders(context.reader, order_ids)
    acts = many_per_key(ids, [row for row in logged if row.payment_id], lambda row: row.payment_id or row.id)
    acts_of = dict(zip(ids, acts, strict=True))
    return [
        timeline.money_timeline(
            of_order,
            refunded,
            [row for payment in of_order for row in moved[payment.id]],
            [act for payment in of_order for act in acts_of[payment.id]],
        )
        for of_order, refunded in zip(payments, refunds, strict=True)
    ]


MONEY_TIMELINE: Final = relation(
    "id",
    load_money_timelines,
    many=True,
    size=4,
    guard=READS_ORDERS,
    description=(
        "The attempts to pay, and what moved at the providers: authorizations, captures, voids, refunds and "
        "chargebacks, oldest first. Requires ORDERS:READ."
    ),
)
"""The field of an order."""
