"""Payment methods that PayPal keeps for a company's customers (Vault v3)."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import UUID

from domains.kernel.values.secret import Secret
from domains.payment.models import NextActionType
from domains.payment.providers.requests import ProviderCustomer
from domains.payment.providers.results import KeptMethod, MethodSetup, NextAction, ProviderStatus
from gateway.providers.paypal.client import Json, PayPalClient
from gateway.providers.paypal.declines import decline_of
from gateway.providers.paypal.errors import PayPalUnavailable
from gateway.providers.paypal.orders import CARD_PREFIX, PAYPAL_PREFIX, VAULT_ID, context_of, customer_of
from gateway.providers.paypal.states import kept, page_of

S = ProviderStatus
VAULT: Final = "/v3/vault"
SETUP_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,36}")
COMPLETED: Final = frozenset({"APPROVED", "VAULTED", "TOKENIZED"})


@dataclass(frozen=True, slots=True)
class Vault:
    """Saves a customer's PayPal account by a setup token, which its owner approves, and forgets it."""

    client: PayPalClient

    async def begin(self, reference: UUID, customer: ProviderCustomer, return_url: str | None) -> MethodSetup:
        """Begin to save an account; the customer approves that on PayPal's page."""
        wallet = {"usage_type": "MERCHANT", "experience_context": context_of(return_url)}
        body = {**customer_of(customer), "payment_source": {"paypal": wallet}}
        answer = await self.client.send("POST", f"{VAULT}/setup-tokens", body, key=f"setup-{reference}")
        if not answer.is_success:
            return MethodSetup(S.FAILED, decline=decline_of(answer.issues[0]))
        return self._waiting(answer.body)

    async def finish(self, setup_id: str) -> MethodSetup:
        """Make a payment token of a setup token that its customer has approved; the same again returns the same."""
        if not SETUP_ID.fullmatch(setup_id):
            return MethodSetup(S.FAILED, decline=decline_of("TOKEN_ID_NOT_FOUND"))
        setup = await self.client.send("GET", f"{VAULT}/setup-tokens/{setup_id}")
        if not setup.is_success:
            return MethodSetup(S.FAILED, setup_id, decline=decline_of(setup.issues[0]))
        if setup.body.get("status") not in COMPLETED:
            return self._waiting(setup.body)
        body = {"payment_source": {"token": {"id": setup_id, "type": "SETUP_TOKEN"}}}
        answer = await self.client.send("POST", f"{VAULT}/payment-tokens", body, key=f"finish-{setup_id}")
        if not answer.is_success:
            return MethodSetup(S.FAILED, setup_id, decline=decline_of(answer.issues[0]))
        return MethodSetup(S.SUCCEEDED, setup_id, _method(answer.body))

    async def forget(self, token: Secret) -> None:
        """Delete a payment token; one that PayPal does not know is no error."""
        vault_id = token.reveal().removeprefix(CARD_PREFIX).removeprefix(PAYPAL_PREFIX)
        if not VAULT_ID.fullmatch(vault_id):
            return
        answer = await self.client.send("DELETE", f"{VAULT}/payment-tokens/{quote(vault_id, safe='')}")
        if not answer.is_success and answer.status != 404:
            raise PayPalUnavailable(f"PayPal did not delete a payment method: {answer.issues[0]}.")

    def _waiting(self, setup: Json) -> MethodSetup:
        """A setup that its customer has not completed."""
        setup_id = setup.get("id")
        if not isinstance(setup_id, str):
            raise PayPalUnavailable("PayPal's setup token cannot be read.")
        url = page_of(setup, self.client.account.site)
        return MethodSetup(S.REQUIRES_ACTION, setup_id, next_action=NextAction(NextActionType.REDIRECT, url))


def _method(token: Json) -> KeptMethod:
    source = token.get("payment_source") or {}
    name = next((name for name in ("paypal", "card") if isinstance(source.get(name), dict)), None)
    vault_id, customer_id = token.get("id"), (token.get("customer") or {}).get("id")
    if name is None or not isinstance(vault_id, str) or not isinstance(customer_id, str):
        raise PayPalUnavailable("PayPal's payment token cannot be read.")
    return kept(name, vault_id, customer_id, source[name])
