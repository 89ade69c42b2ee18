"""The payloads of refunds of returns, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.returns.refunds.models import RefundedReturn
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.order.types import Order
from gateway.graphql.returns.refunds.types import ReturnRefund
from gateway.graphql.returns.types import ReturnRequest


@strawberry.type(description="The payload of a mutation that refunds a return.")
class ReturnRefundOutcome:
    """The common fields of payloads of refunds of returns. Not a type of the API itself."""

    return_request: ReturnRequest | None = strawberry.field(
        default=None, description="The return request afterwards; null when there are errors."
    )
    refunds: list[ReturnRefund] = strawberry.field(
        default_factory=list, description="A refund of each payment that was needed; empty when there are errors."
    )
    exchange_order: Order | None = strawberry.field(
        default=None, description="The new order of an exchange; null for a refund in money or store credit."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was refunded; empty on success."
    )

    @classmethod
    def of(cls, made: RefundedReturn) -> Self:
        """The payload of a refunded return."""
        refunds = [present(ReturnRefund, row) for row in made.refunds]
        request, order = present(ReturnRequest, made.request), made.exchange_order
        return cls(return_request=request, refunds=refunds, exchange_order=present(Order, order) if order else None)

    def outcome(self) -> Mapping[str, Any]:
        """The ids of the request, of its refunds, and of the new order."""
        return {
            "return_request_id": self.return_request.id if self.return_request else None,
            "return_refund_ids": [row.id for row in self.refunds],
            "exchange_order_id": self.exchange_order.id if self.exchange_order else None,
        }

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The return request, its refunds and the new order as they are now."""
        del input
        request_id, order_id = outcome.id("return_request_id"), outcome.id("exchange_order_id")
        if request_id is None:
            return cls()
        reader, services = info.context.reader, info.context.services
        request = await services.returns.listing.get(reader, request_id)
        refunds = await services.returns.refunds.by_id(reader, outcome.ids("return_refund_ids"))
        orders = await services.order.orders_by_id(reader, [order_id]) if order_id else []
        refunds.sort(key=lambda row: row.id)
        return cls.of(RefundedReturn(request, refunds, orders[0] if orders else None))


@strawberry.type(description="The result of `returnRefund`.")
class ReturnRefundPayload(ReturnRefundOutcome):
    """The return request with its refunds, or the errors."""


@strawberry.type(description="The result of `returnExchange`.")
class ReturnExchangePayload(ReturnRefundOutcome):
    """The return request with its refunds and the new order, or the errors. The token is not stored."""

    order_token: str | None = strawberry.field(
        default=None,
        description=(
            "The token by which a guest reads and pays the new order: send it to the guest, only the first answer "
            "has it. Null for the order of a customer."
        ),
    )

    @classmethod
    def of(cls, made: RefundedReturn) -> Self:
        """The payload of an exchange."""
        payload = super().of(made)
        payload.order_token = made.order_token
        return payload
