"""Payments that begin: an order is created, and completed with a kept method or by its buyer's approval."""

from dataclasses import dataclass
from typing import Final

from domains.payment.providers.requests import AuthorizationRequest, MethodToken, PaymentReference
from domains.payment.providers.results import Decline, ProviderPayment, ProviderStatus
from gateway.providers.paypal.client import Json
from gateway.providers.paypal.declines import UNKNOWN
from gateway.providers.paypal.errors import PayPalOutcomeUnknown, PayPalUnavailable
from gateway.providers.paypal.orders import Orders, custom_id_of, id_of, is_looked_up, source_of, unsupported
from gateway.providers.paypal.references import Note
from gateway.providers.paypal.releases import Releases
from gateway.providers.paypal.states import States

S = ProviderStatus
# After these the order itself says what became of the payment.
DECIDED: Final = frozenset(
    {
        "ACTION_DOES_NOT_MATCH_INTENT",
        "INVALID_RESOURCE_ID",
        "ORDER_ALREADY_AUTHORIZED",
        "ORDER_ALREADY_CAPTURED",
        "ORDER_ALREADY_COMPLETED",
        "ORDER_COMPLETED_OR_VOIDED",
        "ORDER_NOT_APPROVED",
        "PAYER_ACTION_REQUIRED",
    }
)


@dataclass(frozen=True, slots=True)
class Authorizations:
    """Authorizes payments, and captures those whose order has that intent."""

    orders: Orders
    states: States
    releases: Releases

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """Create the order of a payment; complete it with the kept method, or name the page for its buyer."""
        refusal = unsupported(request)
        created = refusal or await self.orders.create(request)
        if isinstance(created, Decline):
            return ProviderPayment(S.FAILED, decline=created)
        order: Json | None = created.order
        if not created.is_new:
            order = await self._arrived(created.order, request)
            if order is None:
                return ProviderPayment(S.CANCELLED, id_of(created.order))
        payment = self.states.read(order or {})
        token = request.instrument
        source = source_of(token, request.return_url) if isinstance(token, MethodToken) else None
        if order is None or source is None or payment.status is not S.REQUIRES_ACTION or order["status"] != "CREATED":
            return payment
        return await self._complete(order, f"pay-{request.reference}", source)

    async def confirm(self, payment: PaymentReference) -> ProviderPayment:
        """Complete the order that its buyer has approved."""
        order = await self.find(payment)
        if order is None:
            return ProviderPayment(S.FAILED, payment.provider_id, decline=UNKNOWN)
        state = self.states.read(order)
        if state.status is not S.APPROVED:
            return state
        return await self._complete(order, f"confirm-{payment.reference}")

    async def find(self, payment: PaymentReference) -> Json | None:
        """The order of a payment that has been asked for."""
        order = await self.orders.find(payment)
        return None if order is None or is_looked_up(order) else order

    async def _arrived(self, created: Json, request: AuthorizationRequest) -> Json | None:
        """The present state of an order that was made before; None when it has ended unpaid."""
        order = await self.orders.get(id_of(created))
        custom = None if order is None else custom_id_of(order)
        if order is None or custom is None or custom.payment != request.reference:
            return None
        return await self.orders.adopt(order, request) if is_looked_up(order) else order

    async def _complete(self, order: Json, key: str, source: Json | None = None) -> ProviderPayment:
        answer = await self.orders.complete(order, key, source)
        if answer.is_success:
            custom = custom_id_of(answer.body)
            if custom is not None and custom.note is Note.CANCELLED:  # while the request was on its way
                await self.releases.release(custom.payment, answer.body)
                return await self.releases.present(order)
            return self.states.read(answer.body)
        issue = answer.issues[0]
        if issue == "DUPLICATE_INVOICE_ID":
            raise PayPalOutcomeUnknown(issue)
        present = await self.orders.get(id_of(order))
        if present is None:
            raise PayPalUnavailable("PayPal's order has ended.")
        state = self.states.read(present)
        if issue in DECIDED or state.status not in {S.REQUIRES_ACTION, S.APPROVED}:
            return state
        closed = await self.orders.close(present, Note.FAILED, issue)
        if closed is None:
            raise PayPalUnavailable(f"PayPal's order goes on after a refusal: {issue}.")
        return self.states.read(closed)
