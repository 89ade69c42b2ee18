"""Payments that go on: authorized amounts are captured or released, captured ones refunded (Payments v2)."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from domains.kernel.values.money import Money
from domains.payment.models import RefundStatus
from domains.payment.providers.declines import NOT_CAPTURABLE, NOT_REFUNDABLE
from domains.payment.providers.requests import PaymentReference, RefundRequest
from domains.payment.providers.results import ProviderPayment, ProviderRefund, ProviderStatus
from gateway.providers.paypal.amounts import AmountNotSupported, read, written
from gateway.providers.paypal.authorizations import Authorizations
from gateway.providers.paypal.client import Answer, Json
from gateway.providers.paypal.declines import decline_of
from gateway.providers.paypal.errors import PayPalUnavailable
from gateway.providers.paypal.orders import id_of, is_unpaid
from gateway.providers.paypal.references import CustomId, Note
from gateway.providers.paypal.releases import PAYMENTS, refund_path
from gateway.providers.paypal.states import CAPTURED, payments_of

S = ProviderStatus
ATTEMPTS: Final = 3  # of a cancellation while the payment goes on
REFUND_STATUSES: Final = {
    "COMPLETED": RefundStatus.SUCCEEDED,
    "PENDING": RefundStatus.PENDING,
    "FAILED": RefundStatus.FAILED,
    "CANCELLED": RefundStatus.FAILED,
}


@dataclass(frozen=True, slots=True)
class Settlements:
    """Captures, cancels and refunds payments, by the state that their order has."""

    authorizations: Authorizations

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """Capture at most what is authorized, also where PayPal would allow more; the rest is released."""
        order = await self.authorizations.find(payment)
        if order is None:
            return ProviderPayment(S.FAILED, payment.provider_id, decline=NOT_CAPTURABLE)
        state = self._read(order)
        if state.status in {S.SUCCEEDED, S.CANCELLED}:
            return state
        held = state.amount
        is_capturable = held is not None and held.currency == amount.currency and 0 < amount.amount <= held.amount
        if state.status is not S.AUTHORIZED or not is_capturable:
            return ProviderPayment(S.FAILED, state.provider_id, decline=NOT_CAPTURABLE)
        try:
            body: Json = {"amount": written(amount), "final_capture": True}
        except AmountNotSupported as error:
            decline = decline_of("AMOUNT_NOT_SUPPORTED", str(error))
            return ProviderPayment(S.FAILED, state.provider_id, decline=decline)
        authorization = payments_of(order, "authorizations")[-1]
        path = f"{PAYMENTS}/authorizations/{quote(authorization['id'], safe='')}/capture"
        answer = await self._send(path, body, f"capture-{payment.reference}")
        present = await self.authorizations.releases.present(order)
        if answer.is_success or present.status in {S.SUCCEEDED, S.CANCELLED, S.PROCESSING}:
            return present
        return ProviderPayment(S.FAILED, state.provider_id, decline=decline_of(answer.issues[0]))

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """Release the amount, or return what is left of it, or note on an unpaid order that it is over."""
        orders = self.authorizations.orders
        order = await orders.find(payment) if payment.provider_id else None
        order = order or await orders.reserve(payment)
        for _ in range(ATTEMPTS):
            if order is None:
                return ProviderPayment(S.CANCELLED, payment.provider_id)
            if is_unpaid(order):
                closed = await orders.close(order, Note.CANCELLED)
                if closed is not None:
                    return self._read(closed)
            else:
                state = self._read(order)
                if state.status in {S.CANCELLED, S.FAILED}:
                    return state
                if state.status is S.SUCCEEDED and not state.left:  # refunds by hand and chargebacks do not say so
                    return replace(state, status=S.CANCELLED, amount=None)
                refusal = await self.authorizations.releases.release(payment.reference, order)
                if refusal is not None:  # such as a capture that is still pending: it may yet take the money
                    raise PayPalUnavailable(f"PayPal does not give the payment back yet: {refusal.code}.")
            order = await orders.get(id_of(order))
        raise PayPalUnavailable("PayPal has not cancelled the payment yet.")

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refund a part of the capture; a refund that PayPal has already is only looked up."""
        order = await self.authorizations.find(request.payment)
        if order is None or self._read(order).status is not S.SUCCEEDED:
            return ProviderRefund(RefundStatus.FAILED, decline=NOT_REFUNDABLE)
        for each in payments_of(order, "refunds"):
            custom = CustomId.read(each.get("custom_id"))
            if custom is not None and custom.refund == request.reference:
                return _refund(each)
        capture = next(each for each in payments_of(order, "captures") if each["status"] in CAPTURED)
        if read(capture["amount"]).currency != request.amount.currency:
            return ProviderRefund(RefundStatus.FAILED, decline=NOT_REFUNDABLE)
        custom = CustomId(request.payment.reference, Note.REFUND, str(request.reference))
        try:
            body = {"amount": written(request.amount), "custom_id": str(custom)}
        except AmountNotSupported as error:
            return ProviderRefund(RefundStatus.FAILED, decline=decline_of("AMOUNT_NOT_SUPPORTED", str(error)))
        answer = await self._send(refund_path(capture), body, f"refund-{request.reference}")
        if not answer.is_success:
            return ProviderRefund(RefundStatus.FAILED, decline=decline_of(answer.issues[0]))
        return _refund(answer.body)

    def _read(self, order: Json) -> ProviderPayment:
        return self.authorizations.states.read(order)

    async def _send(self, path: str, body: Json, key: str) -> Answer:
        return await self.authorizations.orders.client.send("POST", path, body, key=key)


def _refund(refund: Json) -> ProviderRefund:
    status, refund_id = refund.get("status"), refund.get("id")
    if status not in REFUND_STATUSES or not isinstance(refund_id, str):
        raise PayPalUnavailable("PayPal's refund cannot be read.")
    reason = (refund.get("status_details") or {}).get("reason")
    is_failed = REFUND_STATUSES[status] is RefundStatus.FAILED
    decline = decline_of(f"REFUND_{reason or status}") if is_failed else None
    return ProviderRefund(REFUND_STATUSES[status], refund_id, decline)
