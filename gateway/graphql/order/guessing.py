"""Slowing down who orders at totals that they only guess."""

from typing import Any, Final

from domains.kernel.errors import ErrorCode
from gateway.graphql.context import Context
from gateway.graphql.order.payloads import PriceChangedError

WRONG: Final = (ErrorCode.LIMIT_EXCEEDED, ErrorCode.NOT_ALLOWED, ErrorCode.RATE_LIMITED)


class TotalGuesses:
    """Lets a network address place so many orders at a wrong total, or with what is used up, and no more."""

    async def begin(self, context: Context) -> None:
        """Count one order. Raises RateLimited."""
        await context.services.promotion.guesses.begin_total(context.actor.company_id, context.request.ip)

    async def end(self, context: Context, payload: Any) -> None:
        """Take it back unless its total or a promotion was refused."""
        if not any(isinstance(error, PriceChangedError) or error.code in WRONG for error in payload.errors):
            await context.services.promotion.guesses.end_total(context.actor.company_id, context.request.ip)
