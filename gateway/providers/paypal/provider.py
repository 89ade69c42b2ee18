"""The PAYPAL payment provider: what a company gives to connect its account, and the connections of all accounts."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from domains.kernel.clock import Clock
from domains.kernel.errors import InvalidInput
from domains.payment.providers.provider import CredentialField, Credentials, PaymentProvider
from gateway.providers.paypal.environments import Environment, Site
from gateway.providers.paypal.tokens import AccessTokens

if TYPE_CHECKING:
    from gateway.providers.paypal.client import Account
    from gateway.providers.paypal.connections import Connections

NAME: Final = "PAYPAL"
MAX_ACCOUNTS: Final = 1_000  # whose access tokens are remembered
FIELDS: Final = (
    CredentialField("client_id", "The client id of the app in PayPal's developer dashboard.", is_public=True),
    CredentialField("client_secret", "The secret of the app.", is_secret=True),
    CredentialField("webhook_id", "The id of the webhook that PayPal shows beside its address in the app."),
    CredentialField("environment", "SANDBOX for test accounts, LIVE for payments."),
)


class PayPalAdapter:
    """Connects companies to PayPal. All share the connections; an app's access token outlives its PayPalPayments.

    `base_url` takes the place of PayPal's own host in tests and the demo. The HTTP client is imported when the first
    account connects, so that an installation without PayPal does not load it.
    """

    name = NAME
    fields: Sequence[CredentialField] = FIELDS

    def __init__(self, clock: Clock, base_url: str | None = None) -> None:
        self._clock = clock
        self._base_url = base_url
        self._connections: Connections | None = None
        self._tokens: dict[str, AccessTokens] = {}

    async def prepare(self) -> None:
        """Import the HTTP client and read the machine's certificates in a thread, a fifth of a second."""
        if self._connections is None:
            await asyncio.to_thread(self.load)

    def load(self) -> "Connections":
        """Import the HTTP client and open it, best in a thread."""
        from gateway.providers.paypal.connections import Connections  # noqa: PLC0415 - see the class

        if self._connections is None:
            self._connections = Connections.opened(self._clock)
        return self._connections

    def connect(self, credentials: Credentials) -> PaymentProvider:
        """The provider with a company's app. Raises InvalidInput when a setting is missing or unknown."""
        settings, secret = credentials.settings, credentials.secrets.get("client_secret")
        client_id, webhook_id = settings.get("client_id", ""), settings.get("webhook_id", "")
        if not (client_id and webhook_id and secret is not None and secret.reveal()):
            raise InvalidInput("PayPal needs `client_id`, `client_secret`, `webhook_id` and `environment`.")
        try:
            environment = Environment(settings.get("environment", ""))
        except ValueError:
            raise InvalidInput(
                "The environment of PayPal is SANDBOX or LIVE.", field=("settings", "environment")
            ) from None
        connections = self.load()
        from gateway.providers.paypal.client import Account, PayPalClient  # noqa: PLC0415 - see the class
        from gateway.providers.paypal.payments import PayPalPayments  # noqa: PLC0415 - same

        account = Account(Site.of(environment, self._base_url), client_id, secret)
        client = PayPalClient(account, connections.http, self._tokens_of(account), self._clock)
        return PayPalPayments(client, connections.certificates, webhook_id)

    async def close(self) -> None:
        """Close the connections; no account can be used afterwards."""
        if self._connections is not None:
            await self._connections.http.aclose()

    def _tokens_of(self, account: "Account") -> AccessTokens:
        """The access tokens of an app; the oldest of very many apps are forgotten."""
        parts = (account.site.base_url, account.client_id, account.client_secret.reveal())
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        if key not in self._tokens:
            while len(self._tokens) >= MAX_ACCOUNTS:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[key] = AccessTokens(self._clock)
        return self._tokens[key]
