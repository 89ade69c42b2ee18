"""The gift cards and the store credit of the demo. Their codes are random and not shown."""

from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.values.secret import Secret
from domains.payment.gift_cards.models import GiftCardOrigin, NewGiftCard
from domains.payment.service import PaymentService

VALID: Final = timedelta(days=365)
CREDIT: Final = Decimal("15.00")
SMALL: Final = Decimal("5.00")
RETURNED: Final = "A parcel came late"


async def issue_small_card(payment: PaymentService, tx: Tx) -> Secret:
    """A gift card for a buyer who spends it at once; its code."""
    new = [NewGiftCard(amount=SMALL, note="For a birthday")]
    (issued,) = await payment.issuance.issue(tx, new)
    return issued.code


async def add_tenders(payment: PaymentService, tx: Tx, customer: UUID) -> None:
    """A gift card that was sold, one that was given away and expires, a disabled one, and store credit."""
    issued = await payment.issuance.issue(
        tx,
        [
            NewGiftCard(amount=Decimal("50.00"), origin=GiftCardOrigin.SOLD, note="Sold at the market"),
            NewGiftCard(amount=Decimal("25.00"), expires_at=tx.clock.now() + VALID, note="For the press"),
            NewGiftCard(amount=Decimal("10.00"), origin=GiftCardOrigin.SOLD),
        ],
    )
    await payment.gift_cards.disable(tx, issued[-1].card.id, "Reported as stolen")
    await payment.store_credits.issue(tx, customer, CREDIT, RETURNED)
