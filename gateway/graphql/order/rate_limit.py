"""The rate limit of orders that are refused, for example for a wrong total."""

from typing import Any, Final

from domains.cart.errors import CartEmpty, CartLimitExceeded
from domains.kernel.errors import RateLimited
from domains.order.errors import EmailNotConfirmed, ProductUnavailable, PromoCodeRefused
from domains.promotion.errors import CardUsedUp, PromotionExhausted
from gateway.graphql.core.context import Context
from gateway.graphql.order.payloads import PriceChangedError

COUNTED: Final = {
    error_class.code
    for error_class in (
        CardUsedUp,
        CartEmpty,
        CartLimitExceeded,
        PromoCodeRefused,
        EmailNotConfirmed,
        ProductUnavailable,
        PromotionExhausted,
        RateLimited,
    )
}


class WrongTotalLimit:
    """Limits the orders of one network address that are refused for their total, a promotion, a limit or the cart."""

    async def begin(self, context: Context) -> None:
        """Count an order before it is created. Raises RateLimited."""
        await context.services.promotion.code_attempts.count_order(context.actor.company_id, context.request.ip)

    async def end(self, context: Context, payload: Any) -> None:
        """Stop counting the order unless it was refused with one of these codes."""
        if not any(isinstance(error, PriceChangedError) or error.code in COUNTED for error in payload.errors):
            await context.services.promotion.code_attempts.release_order(context.actor.company_id, context.request.ip)
