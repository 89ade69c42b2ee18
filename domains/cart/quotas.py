"""Limits on new carts and lines: of guests by network address, of customers by account."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

from domains.cart.models import CartRef, OpenCart
from domains.kernel.actor import Actor
from domains.kernel.ports import Cache
from domains.kernel.quotas import CountedFor, Quota

HOUR: Final = timedelta(hours=1)
NEW_CARTS: Final = Quota("new carts", 100, HOUR)
NEW_LINES: Final = Quota("new cart lines", 2_000, HOUR)
NEW_LINES_OF_ACCOUNT: Final = Quota("new cart lines", 6_000, HOUR, CountedFor.ACCOUNT)  # each is an event too


class CartQuotas:
    """Counts new carts of guests, who may have many, and new lines of guests and customers."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    @asynccontextmanager
    async def counting(self, actor: Actor, ref: CartRef, address: str, lines: int) -> AsyncIterator[None]:
        """Count the lines that are added inside, outside any transaction; a refused request is not counted.

        Raises RateLimited above 6,000 lines an hour of a customer, and above 2,000 lines or 100 new carts an hour of
        guests from one network address.
        """
        company_id, user_id = actor.company_id, actor.user_id
        quota, client = (NEW_LINES, address) if user_id is None else (NEW_LINES_OF_ACCOUNT, str(user_id))
        async with AsyncExitStack() as counted:
            await counted.enter_async_context(quota.reserve(self._cache, company_id, client, lines))
            if user_id is None and ref.is_empty_reference:
                await counted.enter_async_context(NEW_CARTS.reserve(self._cache, company_id, address))
            yield

    async def count_created(self, actor: Actor, ref: CartRef, opened: OpenCart | None, address: str) -> None:
        """Count a cart that was created for a guest with an unknown token, since any token can be invented.

        Called in the transaction that created it, so that a refusal undoes it. Raises RateLimited as `counting`.
        """
        if opened is not None and opened.token is not None and not ref.is_empty_reference:
            await NEW_CARTS.consume(self._cache, actor.company_id, address)
