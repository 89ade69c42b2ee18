"""The rate limit of orders that are refused for a guessed total."""

from typing import Any, Final

from domains.kernel.errors import ErrorCode
from gateway.graphql.core.context import Context
from gateway.graphql.order.payloads import PriceChangedError

COUNTED: Final = (ErrorCode.LIMIT_EXCEEDED, ErrorCode.NOT_ALLOWED, ErrorCode.RATE_LIMITED)


class TotalGuesses:
    """Limits the orders of one network address that are refused for their total, a promotion or a limit."""

    async def begin(self, context: Context) -> None:
        """Count an order before it is created. Raises RateLimited."""
        await context.services.promotion.guesses.begin_total(context.actor.company_id, context.request.ip)

    async def end(self, context: Context, payload: Any) -> None:
        """Uncount the order unless the refusal reveals its total."""
        if not any(isinstance(error, PriceChangedError) or error.code in COUNTED for error in payload.errors):
            await context.services.promotion.guesses.end_total(context.actor.company_id, context.request.ip)
