"""PayPal as a payment provider: a company's account, and the adapter that connects to it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.errors import InvalidInput
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.providers.provider import CredentialField, Credentials, PaymentProvider
from domains.payment.providers.requests import (
    AuthorizationRequest,
    PaymentReference,
    ProviderCustomer,
    RefundRequest,
)
from domains.payment.providers.results import MethodSetup, ProviderPayment, ProviderRefund, WebhookEvent
from gateway.providers.paypal.authorizations import Authorizations
from gateway.providers.paypal.certificates import Certificates
from gateway.providers.paypal.client import Account, PayPalClient, open_http
from gateway.providers.paypal.environments import Environment, Site
from gateway.providers.paypal.orders import Orders
from gateway.providers.paypal.releases import Releases
from gateway.providers.paypal.settlements import Settlements
from gateway.providers.paypal.states import States
from gateway.providers.paypal.tokens import AccessTokens
from gateway.providers.paypal.vault import Vault
from gateway.providers.paypal.webhooks import Webhooks

NAME: Final = "PAYPAL"
MAX_ACCOUNTS: Final = 1_000  # whose access tokens are remembered
FIELDS: Final = (
    CredentialField("client_id", "The client id of the app in PayPal's developer dashboard."),
    CredentialField("client_secret", "The secret of the app.", is_secret=True),
    CredentialField("webhook_id", "The id of the webhook that PayPal shows beside its address in the app."),
    CredentialField("environment", "SANDBOX for test accounts, LIVE for payments."),
)


class PayPalPayments:
    """Payments with a company's account at PayPal. The id of a payment is that of its order."""

    name = NAME
    accepts_cards = False

    def __init__(self, client: PayPalClient, certificates: Certificates, webhook_id: str) -> None:
        orders, states = Orders(client), States(client.account.site, client.clock)
        self._authorizations = Authorizations(orders, states, Releases(orders, states))
        self._settlements = Settlements(self._authorizations)
        self._vault = Vault(client)
        self._webhooks = Webhooks(client, certificates, webhook_id)

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """Create an order, and complete it where the payment method is kept."""
        return await self._authorizations.authorize(request)

    async def confirm(self, payment: PaymentReference) -> ProviderPayment:
        """Complete an order that its buyer has approved."""
        return await self._authorizations.confirm(payment)

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """Capture the authorization of an order, and release the rest."""
        return await self._settlements.capture(payment, amount)

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """Void the authorization, refund the capture, or note on the order that it is over."""
        return await self._settlements.cancel(payment)

    async def find(self, payment: PaymentReference) -> ProviderPayment | None:
        """Look an order up, by our reference only where the amount is known and as long as PayPal keeps keys."""
        order = await self._authorizations.find(payment)
        return None if order is None else self._authorizations.states.read(order)

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refund a part of the capture of an order."""
        return await self._settlements.refund(request)

    async def begin_setup(self, reference: UUID, customer: ProviderCustomer, return_url: str | None) -> MethodSetup:
        """Create a setup token, which the customer approves on PayPal's page."""
        return await self._vault.begin(reference, customer, return_url)

    async def finish_setup(self, provider_id: str) -> MethodSetup:
        """Make a payment token of an approved setup token."""
        return await self._vault.finish(provider_id)

    async def forget_method(self, token: Secret) -> None:
        """Delete a payment token."""
        await self._vault.forget(token)

    async def events_since(self, moment: datetime) -> Sequence[WebhookEvent]:
        """The events that PayPal lists for the app, those of the last 30 days at most."""
        return await self._webhooks.since(moment)

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Verify PayPal's signature and read the event."""
        return await self._webhooks.parse(body, headers)


class PayPalAdapter:
    """Connects companies to PayPal. All share the connections; an app's access token outlives its PayPalPayments.

    `base_url` takes the place of PayPal's own host in tests.
    """

    name = NAME
    fields: Sequence[CredentialField] = FIELDS

    def __init__(self, clock: Clock, base_url: str | None = None) -> None:
        self._clock = clock
        self._base_url = base_url
        self._http = open_http()
        self._certificates = Certificates(self._http, clock)
        self._tokens: dict[str, AccessTokens] = {}

    async def prepare(self) -> None:
        """Nothing is loaded late."""

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
        account = Account(Site.of(environment, self._base_url), client_id, secret)
        client = PayPalClient(account, self._http, self._tokens_of(account), self._clock)
        return PayPalPayments(client, self._certificates, webhook_id)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _tokens_of(self, account: Account) -> AccessTokens:
        """The access tokens of an app; the oldest of very many apps are forgotten."""
        parts = (account.site.base_url, account.client_id, account.client_secret.reveal())
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        if key not in self._tokens:
            while len(self._tokens) >= MAX_ACCOUNTS:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[key] = AccessTokens(self._clock)
        return self._tokens[key]
