"""The payloads of returns, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.returns.models import ReturnRequest as ReturnModel
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.returns.types import ReturnRequest


@strawberry.type(description="The payload of a mutation of one return request.")
class ReturnOutcome:
    """The common fields of payloads of one return request. Not a type of the API itself."""

    return_request: ReturnRequest | None = strawberry.field(
        default=None, description="The return request afterwards; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )

    @classmethod
    def of(cls, request: ReturnModel) -> Self:
        """The payload of a return request."""
        return cls(return_request=present(ReturnRequest, request))

    def outcome(self) -> Mapping[str, Any]:
        """The id of the return request."""
        return {"return_request_id": self.return_request.id if self.return_request else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The return request as it is now."""
        del input
        request_id = outcome.id("return_request_id")
        if request_id is None:
            return cls()
        context = info.context
        return cls.of(await context.services.returns.listing.get(context.reader, request_id))


@strawberry.type(description="The result of `returnRequestCreate`.")
class ReturnRequestCreatePayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type(description="The result of `returnCancel`.")
class ReturnCancelPayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type(description="The result of `returnMarkShipped`.")
class ReturnMarkShippedPayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type(description="The result of `returnApprove`.")
class ReturnApprovePayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type(description="The result of `returnReject`.")
class ReturnRejectPayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type(description="The result of `returnReceive`.")
class ReturnReceivePayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type(description="The result of `returnInspect`.")
class ReturnInspectPayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type(description="The result of `returnClose`.")
class ReturnClosePayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type(description="The result of `returnTrackingAdd`.")
class ReturnTrackingAddPayload(ReturnOutcome):
    """The return request, or the errors."""
