"""Turns: how many operations the live connections of a network address execute at once."""

import asyncio
from typing import Final
from weakref import WeakValueDictionary

from domains.kernel.values.networks import network_of

AT_ONCE: Final = 10


class Turns:
    """A semaphore for each network address with sessions; whoever is above ten waits, the first one first.

    One address may have thousands of subscriptions on a hundred connections: without turns, those that are begun or
    have an event at the same moment would all be in front of the next client's request.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._by_network: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._by_network)

    def of(self, address: str) -> asyncio.Semaphore:
        """The semaphore of a client's address; it is kept while anyone refers to it."""
        network = network_of(address)
        found = self._by_network.get(network)
        if found is None:
            found = self._by_network[network] = asyncio.Semaphore(self._at_once)
        return found
