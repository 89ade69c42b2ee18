"""The outcomes of the order domain's mutations, and how each is given again for the same idempotency key."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.order.errors import PriceChanged
from domains.order.models import Order as OrderModel
from domains.payment.errors import PaymentDeclined
from domains.payment.models import Refund as RefundModel
from gateway.graphql.cart.queries import guest_token
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import CurrencyCode
from gateway.graphql.order.types import Order
from gateway.graphql.payment.types import Refund

NONE_WRONG = "What was wrong; empty when it was done."


@shows(PriceChanged)
@strawberry.type(description="The order would cost something else than the buyer was shown.")
class PriceChangedError(UserError):
    """Says both."""

    expected: Decimal = strawberry.field(description="What the buyer was shown.")
    actual: Decimal = strawberry.field(description="What it is now; send it as `expectedTotal` to accept a total.")
    currency: CurrencyCode = strawberry.field(description="In which currency.")


@shows(PaymentDeclined)
@strawberry.type(description="The provider refused the charge. Nothing was taken, and the goods stay reserved.")
class PaymentDeclinedError(UserError):
    """Says why, as far as the provider does."""

    reason: str | None = strawberry.field(description="Why, as one of `DeclineReason`.")


@strawberry.type(description="The outcome of ordering a cart.")
class OrderCreatePayload:
    """The order, or why not."""

    order: Order | None = strawberry.field(default=None, description="The order, when it was placed.")
    order_token: str | None = strawberry.field(
        default=None,
        description="What a guest finds and pays the order by. Keep it secret; it is shown with this answer alone.",
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)

    def outcome(self) -> Mapping[str, Any]:
        """The order's id. Its token follows from the request's cart token, and is not kept."""
        return _kept(self.order)

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The order as it is now, with its token, for the guest who holds the cart's."""
        order = await _order(info, outcome)
        cart_token = guest_token(info, input.cart_token)
        token = info.context.services.order.guest_token(order, cart_token) if order else None
        return cls(order=present(Order, order), order_token=token)


@strawberry.type(description="What came of something that was done to an order.")
class OrderOutcome:
    """The order, or why not: what payloads of one order have in common. No type of the API by itself."""

    order: Order | None = strawberry.field(default=None, description="The order as it is now; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)

    def outcome(self) -> Mapping[str, Any]:
        """The order's id."""
        return _kept(self.order)

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The order as it is now."""
        return cls(order=present(Order, await _order(info, outcome)))


@strawberry.type(description="The outcome of paying an order.")
class OrderPayPayload(OrderOutcome):
    """The order: PAID, CONFIRMED, or PAYMENT_PENDING while the provider has not answered. Or why not."""


@strawberry.type(description="The outcome of cancelling an order.")
class OrderCancelPayload(OrderOutcome):
    """The order: CANCELLED, or REFUNDED when what was paid has gone back. Or why not."""


@strawberry.type(description="The outcome of marking an order as paid.")
class OrderMarkPaidPayload(OrderOutcome):
    """The order, or why not."""


@strawberry.type(description="The outcome of moving an order on.")
class OrderStatusUpdatePayload(OrderOutcome):
    """The order, or why not."""


@strawberry.type(description="The outcome of giving money back.")
class OrderRefundPayload:
    """The refund, PENDING while the provider has not answered, and its order. Or why not."""

    order: Order | None = strawberry.field(default=None, description="The order.")
    refund: Refund | None = strawberry.field(default=None, description="The refund, when it was begun.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)

    def outcome(self) -> Mapping[str, Any]:
        """The ids of order and refund."""
        return {**_kept(self.order), "refund_id": self.refund.id if self.refund else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """Both as they are now."""
        context, refund_id = info.context, outcome.id("refund_id")
        refunds: list[RefundModel] = []
        if refund_id is not None:
            refunds = await context.services.payment.refunds.by_id(context.reader, [refund_id])
        refund = present(Refund, refunds[0] if refunds else None)
        return cls(order=present(Order, await _order(info, outcome)), refund=refund)


def _kept(order: Order | None) -> dict[str, UUID | None]:
    return {"order_id": order.id if order else None}


async def _order(info: Info, outcome: Outcome) -> OrderModel | None:
    """The order of an outcome; whoever has the key was given it before."""
    order_id = outcome.id("order_id")
    if order_id is None:
        return None
    found = await info.context.services.order.orders_by_id(info.context.reader, [order_id])
    return found[0] if found else None
