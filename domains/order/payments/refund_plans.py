"""Plans of refunds: their lines, the payments that they refund, and where the amounts go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.order.gift_cards.returns import UnspentCards
from domains.payment.models import NOTHING, NewRefundLine, Payment, RefundDestination


@dataclass(frozen=True, slots=True)
class ExchangePart:
    """What of a refund pays an exchange order, by a payment of that order."""

    payment_id: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Room:
    """What a payment has left for one refund; that of an exchange goes to the payment with `exchange_payment_id`."""

    payment: Payment
    amount: Decimal
    exchange_payment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """The lines of a refund of a locked order, the captured payments with what they have left, and its gift cards."""

    lines: Sequence[NewRefundLine]
    available: Sequence[tuple[Payment, Decimal]]
    reason: str | None
    destination: RefundDestination | None
    cards: UnspentCards

    @property
    def amount(self) -> Decimal:
        """What is refunded in all."""
        return sum((line.amount for line in self.lines), NOTHING)

    def rooms(self, exchange: ExchangePart | None) -> list[Room]:
        """The rooms of the payments, the oldest first; those of the exchange are filled first."""
        return [*self._exchanged(exchange), *self._left(exchange)]

    def _exchanged(self, exchange: ExchangePart | None) -> Iterator[Room]:
        if exchange is not None:
            left = exchange.amount
            for payment, amount in self.available:
                part = min(amount, left)
                left -= part
                yield Room(payment, part, exchange.payment_id)

    def _left(self, exchange: ExchangePart | None) -> Iterator[Room]:
        taken = NOTHING if exchange is None else exchange.amount
        for payment, amount in self.available:
            part = min(amount, taken)
            taken -= part
            yield Room(payment, amount - part)
