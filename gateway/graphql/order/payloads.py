"""Payloads of the order domain's mutations, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, Self
from uuid import UUID

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.order.errors import PriceChanged, TenderBalanceChanged
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

ERRORS = "Why the request was refused; empty on success."


@shows(PriceChanged)
@strawberry.type(description="The total of the order differs from the total that the buyer was shown.")
class PriceChangedError(UserError):
    """The expected and the actual total."""

    expected: Decimal = strawberry.field(description="The total that the buyer was shown, in `currency`.")
    actual: Decimal = strawberry.field(
        description="The current total, in `currency`; send it as `expectedTotal` to accept it."
    )
    currency: CurrencyCode = strawberry.field(description="The currency of `expected` and `actual`.")


@shows(TenderBalanceChanged)
@strawberry.type(description="Gift cards and store credit pay less of the order than the buyer was shown.")
class TenderBalanceChangedError(UserError):
    """The expected and the actual amount due."""

    expected: Decimal | None = strawberry.field(
        description="The amount due that the buyer was shown, in `currency`; null when none was shown."
    )
    actual: Decimal = strawberry.field(
        description="The current amount due, in `currency`; send it as `expectedAmountDue` to accept it."
    )
    currency: CurrencyCode = strawberry.field(description="The currency of `expected` and `actual`.")


@shows(PaymentDeclined)
@strawberry.type(description="The provider declined the payment. Nothing was captured, and the units stay reserved.")
class PaymentDeclinedError(UserError):
    """The reason, if the provider returns one."""

    reason: str | None = strawberry.field(
        description="Why the payment was declined, a value of `DeclineReason`; null when the provider gives none."
    )


@strawberry.type(description="The result of `orderCreate`.")
class OrderCreatePayload:
    """The order, or the errors."""

    order: Order | None = strawberry.field(default=None, description="The new order; null when it was refused.")
    order_token: str | None = strawberry.field(
        default=None,
        description=(
            "The token by which a guest reads and pays the order; keep it secret, only this answer has "
            "it. Null for customers and refused orders."
        ),
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    def outcome(self) -> Mapping[str, Any]:
        """The order's id. Its token follows from the request's cart token, and is not stored."""
        return _order_outcome(self.order)

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The current order, with its token, for a guest with the token of the cart."""
        order = await _order(info, outcome)
        cart_token = guest_token(info, input.cart_token)
        token = info.context.services.order.guest_token(order, cart_token) if order else None
        return cls(order=present(Order, order), order_token=token)


@strawberry.type(description="The payload of a mutation of one order.")
class OrderOutcome:
    """The common fields of payloads of one order: the order, or the errors. Not a type of the API itself."""

    order: Order | None = strawberry.field(
        default=None, description="The order afterwards; null when the mutation was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    def outcome(self) -> Mapping[str, Any]:
        """The order's id."""
        return _order_outcome(self.order)

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The current order."""
        return cls(order=present(Order, await _order(info, outcome)))


@strawberry.type(
    description="The result of `orderPay`. After a payment with a next action, see `Payment.nextAction`."
)
class OrderPayPayload(OrderOutcome):
    """The order: PAID, CONFIRMED, or PAYMENT_PENDING while the provider has not answered. Or the errors."""


@strawberry.type(description="The result of `orderCancel`.")
class OrderCancelPayload(OrderOutcome):
    """The order: CANCELLED, or REFUNDED when the captured amount was refunded. Or the errors."""


@strawberry.type(description="The result of `orderMarkPaid`.")
class OrderMarkPaidPayload(OrderOutcome):
    """The order, or the errors."""


@strawberry.type(description="The result of `orderStatusUpdate`.")
class OrderStatusUpdatePayload(OrderOutcome):
    """The order, or the errors."""


@strawberry.type(description="The result of `orderRefund`.")
class OrderRefundPayload:
    """The refunds, PENDING while the provider has not answered, and their order. Or the errors."""

    order: Order | None = strawberry.field(
        default=None, description="The order afterwards; null when the refund was refused."
    )
    refund: Refund | None = strawberry.field(
        default=None,
        description="The first of `refunds`, PENDING while the provider has not answered; null when it was refused.",
    )
    refunds: list[Refund] = strawberry.field(
        default_factory=list,
        description="A refund of each payment that was needed, the oldest payment first; empty when it was refused.",
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    @classmethod
    def of(cls, order: OrderModel | None, refunds: Sequence[RefundModel]) -> Self:
        """The payload of a refunded order."""
        shown = [present(Refund, refund) for refund in refunds]
        return cls(order=present(Order, order), refund=shown[0] if shown else None, refunds=shown)

    def outcome(self) -> Mapping[str, Any]:
        """The ids of the order and of the refunds."""
        refund_id = self.refund.id if self.refund else None
        return {
            **_order_outcome(self.order),
            "refund_id": refund_id,
            "refund_ids": [refund.id for refund in self.refunds],
        }

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The current order and refunds."""
        context, refund_id = info.context, outcome.id("refund_id")
        ids = outcome.ids("refund_ids") or [each for each in [refund_id] if each]
        refunds = await context.services.payment.refunds.by_id(context.reader, ids) if ids else []
        return cls.of(await _order(info, outcome), sorted(refunds, key=attrgetter("id")))


def _order_outcome(order: Order | None) -> dict[str, UUID | None]:
    return {"order_id": order.id if order else None}


async def _order(info: Info, outcome: Outcome) -> OrderModel | None:
    """The order of an outcome. A client with the key has received it before."""
    order_id = outcome.id("order_id")
    if order_id is None:
        return None
    orders = await info.context.services.order.orders_by_id(info.context.reader, [order_id])
    return orders[0] if orders else None
