"""The access tokens of a company's app at PayPal (OAuth 2.0, client credentials)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domains.kernel.clock import Clock
from domains.kernel.values.secret import Secret

MARGIN: Final = timedelta(seconds=60)  # before its end, in which a token is replaced


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and when it ends."""

    text: Secret
    ends_at: datetime


@dataclass(slots=True)
class AccessTokens:
    """The token of one app, remembered until shortly before its end; several requests wait for one new token."""

    clock: Clock
    _token: AccessToken | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(
        self, issue: Callable[[], Awaitable[AccessToken]], *, refused: AccessToken | None = None
    ) -> AccessToken:
        """A token that is valid, but not the one that PayPal refused."""
        async with self._lock:
            token = self._token
            if token is None or token is refused or self.clock.now() >= token.ends_at - MARGIN:
                token = self._token = None
                token = self._token = await issue()
            return token
