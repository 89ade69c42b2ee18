"""The certificates with which PayPal signs webhooks, fetched from PayPal's own host."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import httpx2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from domains.kernel.clock import Clock
from domains.payment.errors import WebhookSignatureInvalid
from gateway.providers.paypal.client import bounded
from gateway.providers.paypal.errors import PayPalTimeout, PayPalUnavailable

MAX_CERTIFICATE: Final = 64 * 1024  # octets of a file, with the certificates of its issuers
MAX_CHAIN: Final = 10
MAX_REMEMBERED: Final = 16
REMEMBERED_FOR: Final = timedelta(hours=12)
MIN_KEY: Final = 2048  # bits


@dataclass(slots=True)
class Certificates:
    """The keys of certificates by their addresses, a few of which are remembered.

    A file is trusted because it comes from PayPal's host by HTTPS. Each certificate in it must be valid now and
    issued by the next one. The last one is not compared with the roots of the machine: PayPal's files do not promise
    to contain all issuers up to one of these.
    """

    http: httpx2.AsyncClient
    clock: Clock
    _chains: "OrderedDict[str, tuple[datetime, list[x509.Certificate]]]" = field(default_factory=OrderedDict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key(self, url: str) -> RSAPublicKey:
        """The key of the certificate at an address, which the caller has found to be PayPal's.

        Raises WebhookSignatureInvalid for one that is not valid, PayPalUnavailable when it cannot be fetched.
        """
        now = self.clock.now()
        chain = self._remembered(url, now)
        if chain is None:
            # Forged addresses wait for the lock, webhooks with a known certificate do not.
            async with self._lock:
                chain = self._remembered(url, now)
                if chain is None:
                    chain = await self._fetch(url)
                    self._chains[url] = (now, chain)
        while len(self._chains) > MAX_REMEMBERED:
            self._chains.popitem(last=False)
        return _key_of(chain, now)

    def _remembered(self, url: str, now: datetime) -> list[x509.Certificate] | None:
        """The certificates of an address that were fetched lately."""
        fetched_at, chain = self._chains.get(url, (now, None))
        if chain is None or now - fetched_at > REMEMBERED_FOR:
            return None
        self._chains.move_to_end(url)
        return chain

    async def _fetch(self, url: str) -> list[x509.Certificate]:
        try:
            async with self.http.stream("GET", url) as response:
                pem = await bounded(response, MAX_CERTIFICATE)
        except httpx2.TimeoutException:
            raise PayPalTimeout("PayPal's certificate did not arrive in time.") from None
        except httpx2.HTTPError as error:
            raise PayPalUnavailable(f"PayPal's certificate cannot be fetched: {type(error).__name__}.") from None
        if response.status_code >= 500 or response.status_code == 429:
            raise PayPalUnavailable("PayPal's certificate cannot be fetched at the moment.")
        try:
            chain = x509.load_pem_x509_certificates(pem) if response.status_code == 200 else []
        except ValueError:
            chain = []
        if not 0 < len(chain) <= MAX_CHAIN:
            raise WebhookSignatureInvalid("The webhook names no certificate of PayPal.")
        return chain


def _key_of(chain: list[x509.Certificate], now: datetime) -> RSAPublicKey:
    if any(not each.not_valid_before_utc <= now <= each.not_valid_after_utc for each in chain):
        raise WebhookSignatureInvalid("The certificate of the webhook has expired, or is not valid yet.")
    try:
        for each, issuer in pairwise(chain):
            each.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        raise WebhookSignatureInvalid("The certificate of the webhook was not issued by the one after it.") from None
    key = chain[0].public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_KEY:
        raise WebhookSignatureInvalid("The certificate of the webhook has no RSA key of 2048 bits.")
    return key
