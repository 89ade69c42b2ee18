"""Postings of gift cards: what is issued, adjusted and expires. A card's id is the subject of its balance."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.ledger import chart
from domains.ledger.models import Account, NewEntry, Source, credit, debit
from domains.payment.gift_cards.models import GiftCard, GiftCardOrigin

ISSUE: Final = "GIFT_CARD_ISSUE"
ADJUSTMENT: Final = "GIFT_CARD_ADJUSTMENT"
EXPIRY: Final = "GIFT_CARD_EXPIRY"
# What a card was issued for: an expense, money received by hand, or the sale in an order.
FUNDS: Final[Mapping[GiftCardOrigin, Account]] = {
    GiftCardOrigin.PROMOTION: chart.PROMOTIONAL_CREDIT,
    GiftCardOrigin.SOLD: chart.UNDEPOSITED,
    GiftCardOrigin.ORDER: chart.GIFT_CARDS_SOLD,
}


def issue_of(card: GiftCard) -> NewEntry:
    """The entry of a new card. A card has one, whatever happens twice."""
    amount = card.initial_amount
    return NewEntry(
        kind=ISSUE,
        source=Source("gift_card", card.id),
        currency=card.currency,
        lines=[debit(FUNDS[card.origin], amount), credit(chart.GIFT_CARDS, amount, subject_id=card.id)],
    )


def adjustment_of(
    card: GiftCard, amount: Decimal, audit_log_id: UUID, *, reason: str, performed_by: UUID | None
) -> NewEntry:
    """The entry of a change by staff; a negative amount takes from the card."""
    return NewEntry(
        kind=ADJUSTMENT,
        source=Source("payment_audit_log", audit_log_id),
        currency=card.currency,
        lines=[debit(chart.PROMOTIONAL_CREDIT, amount), credit(chart.GIFT_CARDS, amount, subject_id=card.id)],
        reason=reason,
        performed_by=performed_by,
    )


def expiry_of(card: GiftCard, balance: Decimal, audit_log_id: UUID) -> NewEntry:
    """The entry of what was left on a card that has expired."""
    return NewEntry(
        kind=EXPIRY,
        source=Source("payment_audit_log", audit_log_id),
        currency=card.currency,
        lines=[debit(chart.GIFT_CARDS, balance, subject_id=card.id), credit(chart.BREAKAGE, balance)],
    )
