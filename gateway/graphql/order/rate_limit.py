"""The rate limit of orders that are refused, for example for a wrong total."""

from collections.abc import Awaitable, Callable
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

    async def run(self, context: Context, write: Callable[[], Awaitable[Any]]) -> Any:
        """Count an order before it is created, and stop counting it unless it is refused with one of these codes.

        Raises RateLimited.
        """
        attempts, source = context.services.promotion.code_attempts, (context.actor.company_id, context.request.ip)
        await attempts.count_order(*source)
        is_wrong = False
        try:
            payload = await write()
            is_wrong = any(isinstance(error, PriceChangedError) or error.code in COUNTED for error in payload.errors)
        finally:
            if not is_wrong:
                await attempts.release_order(*source)
        return payload
