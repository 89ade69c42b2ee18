"""The environments of PayPal, and which addresses belong to them."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit


class Environment(StrEnum):
    """Where a company's credentials are valid."""

    SANDBOX = "SANDBOX"
    LIVE = "LIVE"


DOMAINS: Final = {Environment.SANDBOX: "sandbox.paypal.com", Environment.LIVE: "paypal.com"}
CERTIFICATE: Final = re.compile(r"/v1/notifications/certs/[0-9A-Za-z_-]{1,200}")
MAX_URL: Final = 2_000


@dataclass(frozen=True, slots=True)
class Site:
    """PayPal's API and pages in an environment. A `base_url` of another origin is one of tests, which then is all."""

    environment: Environment
    base_url: str

    @classmethod
    def of(cls, environment: Environment, base_url: str | None = None) -> Self:
        """The site of an environment, by default PayPal's own."""
        return cls(environment, (base_url or f"https://api-m.{DOMAINS[environment]}").rstrip("/"))

    def is_own(self, url: str) -> bool:
        """Whether an address is below the API's, so that credentials may be sent there."""
        given, base = _split(url), urlsplit(self.base_url)
        return given is not None and (given.scheme, given.netloc) == (base.scheme, base.netloc)

    def is_page(self, url: str) -> bool:
        """Whether an address is a page of PayPal's, to which a buyer may be sent."""
        if self.is_own(url):
            return True
        given, domain = _split(url), DOMAINS[self.environment]
        return given is not None and self._is_paypal and given.netloc == f"www.{domain}"

    def is_certificate(self, url: str) -> bool:
        """Whether an address may have a certificate that signs webhooks."""
        given = _split(url)
        if given is None or given.query or given.fragment or not CERTIFICATE.fullmatch(given.path):
            return False
        hosts = {f"{name}.{DOMAINS[self.environment]}" for name in ("api", "api-m")}
        return self.is_own(url) or (self._is_paypal and given.netloc in hosts)

    @property
    def _is_paypal(self) -> bool:
        return self.base_url == f"https://api-m.{DOMAINS[self.environment]}"


def _split(url: str) -> SplitResult | None:
    """The parts of an HTTPS address, or of an HTTP one of this machine; None for another text."""
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or "\\" in url or ".." in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    return parts if parts.scheme == "https" or is_local else None
