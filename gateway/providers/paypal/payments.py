"""The payments of a company's account at PayPal, behind the port of payment providers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.providers.requests import (
    AuthorizationRequest,
    PaymentReference,
    ProviderCustomer,
    RefundRequest,
)
from domains.payment.providers.results import MethodSetup, ProviderPayment, ProviderRefund, WebhookEvent
from gateway.providers.paypal.amounts import AmountNotSupported, written
from gateway.providers.paypal.authorizations import Authorizations
from gateway.providers.paypal.certificates import Certificates
from gateway.providers.paypal.client import PayPalClient
from gateway.providers.paypal.orders import Orders
from gateway.providers.paypal.provider import NAME
from gateway.providers.paypal.releases import Releases
from gateway.providers.paypal.settlements import Settlements
from gateway.providers.paypal.states import States
from gateway.providers.paypal.vault import Vault
from gateway.providers.paypal.webhooks import Webhooks


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

    def takes(self, amount: Money) -> bool:
        """Whether PayPal takes the currency, with these decimals."""
        try:
            written(amount)
        except AmountNotSupported:
            return False
        return True

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
