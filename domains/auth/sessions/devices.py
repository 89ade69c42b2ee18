"""Devices that users have logged in from. Wrong passwords from elsewhere do not lock them out."""

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
NETWORK_LIFETIME: Final = timedelta(days=90)
_TOKEN: Final = re.compile(r"([\w-]{43})\.([0-9]{1,12})\.([0-9a-f]{64})")


class Devices:
    """Issues device tokens at login, verifies them, and recognises the networks of a user's sessions.

    A device token does not authenticate. Logins that send one are counted by device.
    """

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def issue(self, address: str, earlier: str | None) -> str:
        """A token for a device that has logged in to the account of an address. A known device keeps its id."""
        device = self.read(address, earlier) or new_secret()
        expires_at = int((self._clock.now() + LIFETIME).timestamp())
        return f"{device}.{expires_at}.{self._keys.digest(_text(device, expires_at, address))}"

    def read(self, address: str, token: str | None) -> str | None:
        """The device id of a valid token of this account; else None."""
        match = _TOKEN.fullmatch(token or "")
        if match is None:
            return None
        device, expires_at, digest = match[1], int(match[2]), match[3]
        is_valid = self._keys.matches_digest(_text(device, expires_at, address), digest)
        return device if is_valid and self._clock.now().timestamp() < expires_at else None

    async def is_known_network(self, db: Reader, address: str, origin: Origin) -> bool:
        """Whether the account had a session at this network in the last 90 days. One statement, account or not."""
        network = network_of(origin.ip)
        since = self._clock.now() - NETWORK_LIFETIME
        known_addresses = await device_sql.networks(db, address, since=since)
        return network != network_of(None) and any(network_of(ip) == network for ip in known_addresses)


def _text(device: str, expires_at: int, address: str) -> str:
    return f"device:{device}:{expires_at}:{address}"
