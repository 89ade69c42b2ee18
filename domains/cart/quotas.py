"""Limits on the new carts and lines of guests, by network address."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

from domains.cart.models import CartRef, OpenCart
from domains.kernel.actor import Actor
from domains.kernel.ports import Cache
from domains.kernel.quotas import Quota

HOUR: Final = timedelta(hours=1)
NEW_CARTS: Final = Quota("new carts", 100, HOUR)
NEW_LINES: Final = Quota("new cart lines", 2_000, HOUR)


class CartQuotas:
    """Counts new carts and lines of guests. Customers have one cart each and are not limited."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    @asynccontextmanager
    async def counting(self, actor: Actor, ref: CartRef, address: str, lines: int) -> AsyncIterator[None]:
        """Count the lines that a guest adds inside, outside any transaction; a refused request is not counted.

        Raises RateLimited above 100 new carts or 2,000 lines an hour from one network address.
        """
        async with AsyncExitStack() as counted:
            if not actor.is_authenticated:
                company_id = actor.company_id
                await counted.enter_async_context(NEW_LINES.reserve(self._cache, company_id, address, lines))
                if ref.is_empty_reference:
                    await counted.enter_async_context(NEW_CARTS.reserve(self._cache, company_id, address))
            yield

    async def count_created(self, actor: Actor, ref: CartRef, opened: OpenCart | None, address: str) -> None:
        """Count a cart that was created for a guest with an unknown token, since any token can be invented.

        Called in the transaction that created it, so that a refusal undoes it. Raises RateLimited as `counting`.
        """
        if opened is not None and opened.token is not None and not ref.is_empty_reference:
            await NEW_CARTS.consume(self._cache, actor.company_id, address)
