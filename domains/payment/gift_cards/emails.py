"""The e-mail with the codes of gift cards; apart from the answer to its issuer, the only place with codes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.auth.emails.requested_emails import request_email
from domains.kernel.database import Tx
from domains.kernel.ports import Encryption
from domains.kernel.values.calendar import local_day
from domains.kernel.values.money import Money
from domains.payment.gift_cards.events import GiftCardEmailRequested
from domains.payment.gift_cards.models import IssuedGiftCard

INSTANT: Final = timedelta(microseconds=1)


class GiftCardEmails:
    """Asks for the e-mails with codes, which are encrypted until they are sent."""

    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption

    def request(self, tx: Tx, issued: Sequence[IssuedGiftCard], time_zone: str) -> None:
        """Ask for an e-mail to each recipient of new cards, with the codes of all of them. Emits the requests."""
        by_recipient: defaultdict[str, list[IssuedGiftCard]] = defaultdict(list)
        for each in issued:
            if each.card.recipient_email is not None:
                by_recipient[each.card.recipient_email].append(each)
        for recipient, own in by_recipient.items():
            variables = {"cards": [_variables(each, time_zone) for each in own]}
            request_email(tx, GiftCardEmailRequested, self._encryption, recipient, "GIFT_CARDS", variables)


def _variables(issued: IssuedGiftCard, time_zone: str) -> dict[str, str | None]:
    """The code of a card, its amount, and the last day on which it can be spent."""
    card, last_day = issued.card, None
    if card.expires_at is not None:
        last_day = f"{local_day(card.expires_at - INSTANT, time_zone):%Y-%m-%d}"
    return {
        "code": issued.code.reveal(),
        "amount": f"{Money(card.initial_amount, card.currency).shown():f}",
        "currency": card.currency,
        "last_day": last_day,
    }
