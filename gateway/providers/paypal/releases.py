"""Payments that end: the authorization of an order is voided, or its capture returned whole (Payments v2)."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import UUID

from domains.kernel.values.money import Money
from domains.payment.providers.results import Decline, ProviderPayment
from gateway.providers.paypal.amounts import read, written
from gateway.providers.paypal.client import Json
from gateway.providers.paypal.declines import decline_of
from gateway.providers.paypal.errors import PayPalUnavailable
from gateway.providers.paypal.orders import Orders, id_of
from gateway.providers.paypal.references import CustomId, Note
from gateway.providers.paypal.states import CAPTURED, States, payments_of

PAYMENTS: Final = "/v2/payments"


@dataclass(frozen=True, slots=True)
class Releases:
    """Gives the amount of an order back."""

    orders: Orders
    states: States

    async def release(self, reference: UUID, order: Json) -> Decline | None:
        """Void the authorization, or refund what is left of the capture; why that is not possible, if PayPal says so.

        None when it is done, or when the payment has moved on in the meantime.
        """
        captures = [each for each in payments_of(order, "captures") if each["status"] in {*CAPTURED, "PENDING"}]
        if not captures:
            (*_, authorization) = payments_of(order, "authorizations")
            path = f"{PAYMENTS}/authorizations/{quote(authorization['id'], safe='')}/void"
            answer = await self.orders.client.send("POST", path, key=f"void-{reference}")
            return None if answer.is_success or await self._has_moved(order) else decline_of(answer.issues[0])
        left = self.states.read(order).left
        for capture in captures:
            captured = read(capture["amount"])
            rest = Money(min(left, captured.amount), captured.currency)
            body = {"amount": written(rest), "custom_id": str(CustomId(reference, Note.CANCELLED))}
            key = f"cancel-{reference}-{capture['id']}"
            answer = await self.orders.client.send("POST", refund_path(capture), body, key=key)
            if not answer.is_success and not await self._has_moved(order):
                return decline_of(answer.issues[0])
        return None

    async def present(self, order: Json) -> ProviderPayment:
        """The payment of an order as it is now."""
        present = await self.orders.get(id_of(order))
        if present is None:
            raise PayPalUnavailable("PayPal's order cannot be found.")
        return self.states.read(present)

    async def _has_moved(self, order: Json) -> bool:
        """Whether the payment has other transactions than it had."""
        return (await self.present(order)).transactions != self.states.read(order).transactions


def refund_path(capture: Json) -> str:
    """Where a capture is refunded."""
    return f"{PAYMENTS}/captures/{quote(capture['id'], safe='')}/refund"
