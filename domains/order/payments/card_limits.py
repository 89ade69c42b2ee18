"""Limits on cards: how many orders with a promotion for first orders one card pays."""

from collections.abc import Sequence

from domains.auth.service import AuthService
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.order.models import Order
from domains.payment.cards import CardDetails
from domains.payment.service import PaymentService
from domains.promotion.eligibility import COUNTING_PERIOD
from domains.promotion.service import PromotionService


class CardLimits:
    """Recognizes cards by keyed fingerprints; no card number is stored."""

    def __init__(self, auth: AuthService, payment: PaymentService, promotion: PromotionService, clock: Clock) -> None:
        self._auth = auth
        self._payment = payment
        self._promotion = promotion
        self._clock = clock

    def fingerprints(self, card: CardDetails) -> Sequence[str]:
        """The fingerprints of a card, that of the newest key first."""
        return self._auth.fingerprints.digests("card", card.number.reveal())

    async def require_below(self, tx: Tx, order: Order, fingerprints: Sequence[str]) -> None:
        """Raise CardUsedUp when the card pays too many first orders. Only orders with such a promotion are checked.

        Of two concurrent payments, the second waits for the lock on the promotion and then finds the first one.
        """
        if order.card_limited:
            await self._promotion.redemptions.lock(tx, order.id)
            since = self._clock.now() - COUNTING_PERIOD
            paid = await self._payment.orders_of_card(tx, fingerprints, since)
            await self._promotion.redemptions.require_card(tx, order.id, paid)
