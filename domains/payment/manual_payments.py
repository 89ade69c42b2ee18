"""Payments by hand: money that changed hands outside any provider, which staff write down when it came."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.payment import data
from domains.payment.models import Payment, PaymentStatus
from domains.payment.provider import Charge, Outcome, OutcomeStatus

NAME: Final = "MANUAL"


class ManualPayments:
    """The provider of payments by hand. There is nobody to ask: what staff say they did is done."""

    # ruff: noqa: ARG002 - the port asks with more than is needed to answer
    name = NAME

    async def charge(self, charge: Charge) -> Outcome:
        """Refuse: a card is charged by others."""
        return Outcome(OutcomeStatus.DECLINED, code="NOT_BY_HAND", message="A card cannot be charged by hand.")

    async def refund(self, reference: UUID, transaction_id: str, amount: Decimal, currency: str) -> Outcome:
        """The money was given back by hand."""
        return Outcome(OutcomeStatus.APPROVED, transaction_id=f"manual_re_{reference.hex}")

    async def void(self, reference: UUID, transaction_id: str | None) -> Outcome:
        """Nothing was taken after all."""
        return Outcome(OutcomeStatus.VOIDED, transaction_id)

    async def lookup(self, reference: UUID) -> Outcome | None:
        """Nothing is under way: what came is written down when it has come."""
        return None


async def record(tx: Tx, order_id: UUID, amount: Decimal, currency: str, method: str, *, now: datetime) -> Payment:
    """A payment that has succeeded outside any provider. One statement.

    Its transaction is named after the payment: one transfer may pay several orders, so no reference of a bank is
    unique.
    """
    payment_id = new_id()
    return await data.payment.create(
        tx,
        {
            "id": payment_id,
            "order_id": order_id,
            "provider": NAME,
            "method": method,
            "status": PaymentStatus.SUCCEEDED,
            "amount": amount,
            "currency": currency,
            "provider_transaction_id": f"manual_{payment_id.hex}",
            "settled_at": now,
            "created_at": now,
            "updated_at": now,
        },
    )
