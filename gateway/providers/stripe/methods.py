"""Customers at Stripe and the payment methods that they save."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from stripe import SetupIntent, StripeClient

from domains.kernel.values.secret import Secret
from domains.payment.models import DeclineReason, NextActionType
from domains.payment.providers.declines import decline
from domains.payment.providers.requests import ProviderCustomer
from domains.payment.providers.results import MethodSetup, NextAction, ProviderStatus
from gateway.providers.stripe.client import answered, is_replayed
from gateway.providers.stripe.declines import decline_of_refusal
from gateway.providers.stripe.errors import KeyReused, Refused
from gateway.providers.stripe.records import REFERENCE
from gateway.providers.stripe.snapshots import kept_method

if TYPE_CHECKING:
    from stripe.params import SetupIntentCreateParams

EXPANDED: Final = ["payment_method"]
MISSING: Final = "resource_missing"
# While it is processed, the customer has nothing to do any more.
STATUSES: Final = {
    "processing": ProviderStatus.APPROVED,
    "succeeded": ProviderStatus.SUCCEEDED,
    "canceled": ProviderStatus.CANCELLED,
}


class Methods:
    """The customers of an account, and their payment methods."""

    def __init__(self, client: StripeClient) -> None:
        self._api = client.v1

    async def customer_id(self, customer: ProviderCustomer) -> str:
        """Stripe's id of a customer, who is created when it is not known. Raises Refused.

        When Stripe has forgotten the key, it creates another customer for the same user. That does no harm: every
        method that it keeps is stored with its customer.
        """
        if customer.provider_id is not None:
            return customer.provider_id
        with answered():
            created = await self._api.customers.create_async(
                {"metadata": {REFERENCE: str(customer.reference)}},
                {"idempotency_key": f"customer-{customer.reference}"},
            )
        return created.id

    async def begin(self, reference: UUID, customer: ProviderCustomer) -> MethodSetup:
        """Begin to save a card, which the customer enters into Stripe's form in the browser."""
        try:
            params: SetupIntentCreateParams = {
                "customer": await self.customer_id(customer),
                "allowed_payment_method_types": ["card"],
                "metadata": {REFERENCE: str(reference)},
                "expand": EXPANDED,
            }
            with answered():
                setup = await self._api.setup_intents.create_async(params, {"idempotency_key": f"setup-{reference}"})
        except Refused as refused:
            return MethodSetup(ProviderStatus.FAILED, decline=decline_of_refusal(refused))
        except KeyReused:
            raise ConnectionError("Stripe has this setup with another customer; begin a new one.") from None
        return await self.finish(setup.id) if is_replayed(setup) else _setup_of(setup)

    async def finish(self, setup_id: str) -> MethodSetup:
        """The setup as it is now; an unknown one has failed."""
        try:
            with answered():
                setup = await self._api.setup_intents.retrieve_async(setup_id, {"expand": EXPANDED})
        except Refused as refused:
            return MethodSetup(ProviderStatus.FAILED, decline=decline_of_refusal(refused))
        return _setup_of(setup)

    async def forget(self, token: Secret) -> None:
        """Detach a method from its customer; Stripe then takes no payment with it."""
        try:
            with answered():
                await self._api.payment_methods.detach_async(token.reveal())
        except Refused:
            if await self._is_kept(token):
                raise ConnectionError("Stripe did not delete a payment method.") from None

    async def _is_kept(self, token: Secret) -> bool:
        try:
            with answered():
                method = await self._api.payment_methods.retrieve_async(token.reveal())
        except Refused as refused:
            return refused.code != MISSING
        return method.customer is not None


def _setup_of(setup: SetupIntent) -> MethodSetup:
    status = STATUSES.get(setup.status, ProviderStatus.REQUIRES_ACTION)
    if status is ProviderStatus.REQUIRES_ACTION:
        action = NextAction(NextActionType.CONFIRMATION, client_secret=Secret(setup.client_secret or ""))
        return MethodSetup(status, setup.id, next_action=action)
    method = kept_method(setup.payment_method)
    if status is ProviderStatus.SUCCEEDED and method is None:
        unusable = decline(DeclineReason.METHOD_NOT_SUPPORTED, "not_kept")
        return MethodSetup(ProviderStatus.FAILED, setup.id, decline=unusable)
    return MethodSetup(status, setup.id, method if status is ProviderStatus.SUCCEEDED else None)
