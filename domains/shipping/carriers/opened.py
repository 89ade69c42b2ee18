"""A carrier with its account, and the requests to it, each bounded in time and made outside any transaction."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from domains.kernel.ports import DecryptionFailed
from domains.shipping.carriers.carrier import Carrier, CarrierAdapter
from domains.shipping.carriers.credentials import decrypted
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.data import CarrierRow

log = structlog.get_logger("domains.shipping")
T = TypeVar("T")
ANSWER_TIME: Final = timedelta(seconds=15)  # below the time limit of a request


@dataclass(frozen=True, slots=True)
class OpenedCarrier:
    """A carrier of a company; `carrier` is None when its adapter is not installed, or its secrets cannot be read.

    `is_open` says whether it prices parcels and sells labels now. One that does not still voids and tracks.
    """

    row: CarrierRow
    adapter: CarrierAdapter | None
    carrier: Carrier | None
    is_open: bool

    @property
    def quotes_rates(self) -> bool:
        """Whether it prices parcels now."""
        return self.is_open and self.adapter is not None and self.adapter.quotes_rates


def opened(row: CarrierRow, adapters: CarrierAdapters) -> OpenedCarrier:
    """A stored carrier with its account. No request is made."""
    adapter = adapters.by_name.get(row.adapter)
    if adapter is None:
        return OpenedCarrier(row, None, None, is_open=False)
    try:
        account = decrypted(row, adapters.encryption)
    except DecryptionFailed:
        log.warning("the secrets of a carrier cannot be decrypted", carrier=row.code)
        return OpenedCarrier(row, adapter, None, is_open=False)
    is_open = row.is_active and row.adapter not in adapters.closed
    return OpenedCarrier(row, adapter, adapter.connect(account), is_open)


async def bounded(request: Awaitable[T], default: T, seconds: float = ANSWER_TIME.total_seconds()) -> T:
    """The answer of a carrier, or `default` when none arrives in time."""
    try:
        async with asyncio.timeout(seconds):
            return await request
    except OSError:  # TimeoutError is one
        return default
