"""The rate limits of orders that are refused, for example for a wrong total, and of declined cards."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Final

from domains.cart.errors import CartEmpty, CartLimitExceeded
from domains.kernel.errors import RateLimited
from domains.kernel.quotas import Quota
from domains.order.errors import EmailNotConfirmed, ProductUnavailable, PromoCodeRefused
from domains.payment.errors import PaymentDeclined
from domains.promotion.coupons.errors import CouponExhausted
from domains.promotion.errors import CardUsedUp, PromotionExhausted
from gateway.graphql.core.context import Context
from gateway.graphql.order.payloads import PriceChangedError

# Stolen card numbers are tested with small orders (OWASP OAT-001).
DECLINED_CARDS = Quota("declined cards", 60, timedelta(hours=1))
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
        CouponExhausted,
        RateLimited,
    )
}


def counting_declines(context: Context) -> AbstractAsyncContextManager[None]:
    """Count a payment of a network address that is declined in this context.

    Raises RateLimited after 60 in an hour.
    """
    return DECLINED_CARDS.count_failures(PaymentDeclined, context.cache, context.actor.company_id, context.request.ip)


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
