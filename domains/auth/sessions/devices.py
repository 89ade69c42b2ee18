"""Devices that users have signed in from. Wrong passwords from elsewhere do not lock them out."""

import re
from datetime import timedelta
from typing import Final

from domains.auth.models import Origin
from domains.auth.sessions import device_sql
from domains.auth.sessions.keys import KeyRing
from domains.auth.sessions.tokens import new_secret
from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.values.networks import network_of

LIFETIME: Final = timedelta(days=180)
KNOWN_FOR: Final = timedelta(days=90)
_FORM: Final = re.compile(r"([\w-]{43})\.([0-9]{1,12})\.([0-9a-f]{64})")


class Devices:
    """Issues device tokens at sign-in, verifies them, and recognises the networks of a user's sessions.

    A device token does not authenticate. Sign-ins that send one are counted by device.
    """

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def token(self, address: str, earlier: str | None) -> str:
        """A token for a device that has signed in to the account of an address. A known device keeps its id."""
        device = self.read(address, earlier) or new_secret()
        expires_at = int((self._clock.now() + LIFETIME).timestamp())
        return f"{device}.{expires_at}.{self._keys.seal(_text(device, expires_at, address))}"

    def read(self, address: str, token: str | None) -> str | None:
        """The device id of a valid token of this account; else None."""
        form = _FORM.fullmatch(token or "")
        if form is None:
            return None
        device, expires_at, seal = form[1], int(form[2]), form[3]
        is_ours = self._keys.is_sealed(_text(device, expires_at, address), seal)
        return device if is_ours and self._clock.now().timestamp() < expires_at else None

    async def is_known_network(self, db: Reader, address: str, origin: Origin) -> bool:
        """Whether the account had a session at this network in the last 90 days. One statement, account or not."""
        here = network_of(origin.ip)
        since = self._clock.now() - KNOWN_FOR
        seen = await device_sql.networks(db, address, since=since)
        return here != network_of(None) and any(network_of(ip) == here for ip in seen)


def _text(device: str, expires_at: int, address: str) -> str:
    return f"device:{device}:{expires_at}:{address}"
