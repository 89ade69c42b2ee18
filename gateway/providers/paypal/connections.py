"""The connections to PayPal, which all accounts share."""

from dataclasses import dataclass
from typing import Self

import httpx2

from domains.kernel.clock import Clock
from gateway.providers.paypal.certificates import Certificates
from gateway.providers.paypal.client import open_http


@dataclass(frozen=True, slots=True)
class Connections:
    """The HTTP client, and the certificates that it has fetched."""

    http: httpx2.AsyncClient
    certificates: Certificates

    @classmethod
    def opened(cls, clock: Clock) -> Self:
        """Connections that are not open yet; to make them takes a tenth of a second."""
        http = open_http()
        return cls(http, Certificates(http, clock))
